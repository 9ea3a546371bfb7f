using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.Values;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("busybox", "docker.io/library/busybox:latest")]
    [InlineData("busybox:1.36", "docker.io/library/busybox:1.36")]
    [InlineData("team/app", "docker.io/team/app:latest")]
    [InlineData("localhost/app", "localhost/app:latest")]
    [InlineData("localhost:5000/app", "localhost:5000/app:latest")]
    [InlineData("registry.example.com/team/app:1", "registry.example.com/team/app:1")]
    [InlineData("registry.example.com:5000/app@sha256:00", "registry.example.com:5000/app@sha256:00")]
    public void A_whole_name_has_a_registry_and_a_tag(string name, string whole) => Assert.Equal(whole, ImageName.Whole(name));
}
