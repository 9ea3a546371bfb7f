using CsCheck;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.Values;

public sealed class VersionConstraintTests
{
    [Theory]
    [InlineData("2.2.4", "2.2.4", true)]
    [InlineData("2.2.4", "2.2.5", false)]
    [InlineData("v2.2.4", "2.2.4", true)]
    [InlineData("2.2", "2.2.9", true)]
    [InlineData("2.2", "2.3.0", false)]
    [InlineData("2.2.*", "2.2.0", true)]
    [InlineData("2.*", "2.9.1", true)]
    [InlineData("2.*", "3.0.0", false)]
    [InlineData("2", "2.0.0", true)]
    [InlineData("580", "580.159.3", true)]
    [InlineData("*", "0.0.1", true)]
    [InlineData(">=2.1 <2.3", "2.2.7", true)]
    [InlineData(">=2.1 <2.3", "2.3.0", false)]
    [InlineData(">=2.1 <2.3", "2.0.9", false)]
    [InlineData("<=2.3", "2.3.9", true)]
    [InlineData(">2.3", "2.3.9", false)]
    [InlineData(">2.3", "2.4.0", true)]
    [InlineData("=1.33", "1.33.2", true)]
    public void Fits(string constraint, string version, bool fits) =>
        Assert.Equal(fits, VersionConstraint.Parse(constraint).Value.Matches(SemanticVersion.Find(version)!.Value));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("latest")]
    [InlineData("2.2.4.1")]
    [InlineData("2.*.4")]
    [InlineData("2..4")]
    [InlineData("~2.2")]
    [InlineData(">=")]
    [InlineData(">=2.*")]
    [InlineData("2.2.4-rc.1")]
    [InlineData("-2.2.4")]
    [InlineData("99999999999.1")]
    public void Is_refused_with_what_to_write(string constraint)
    {
        var read = VersionConstraint.Parse(constraint);
        Assert.False(read.IsValid);
        Assert.Contains("`", read.Problem!.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.2.4", "2.2.4")]
    [InlineData("2.2", "2.2.*")]
    [InlineData("2.2.*", "2.2.*")]
    [InlineData("580", "580.*")]
    [InlineData("*", "*")]
    [InlineData(">=2.1 <2.3", null)]
    public void Is_a_pattern_of_a_package_manager_where_it_can_be(string constraint, string? pattern) =>
        Assert.Equal(pattern, VersionConstraint.Parse(constraint).Value.Pattern);

    [Fact]
    public void One_version_fits_itself_alone() => Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 40]).Sample((major, minor, patch, other) =>
    {
        var version = new SemanticVersion(major, minor, patch);
        var constraint = VersionConstraint.Parse(version.ToString()).Value;
        return constraint.Exact == version && constraint.Matches(version) && constraint.Matches(version with { Patch = other }) == (other == patch);
    });
}
