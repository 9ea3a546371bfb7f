using EksNode.Simulation.Kubernetes;

namespace EksNode.NodeTests.ControlPlanes;

/// <summary>The API server that the machine joins.</summary>
internal interface IControlPlane : IAsyncDisposable
{
    string Description { get; }

    /// <summary>The API as its administrator sees it.</summary>
    ApiClient Api { get; }

    /// <summary>Whether approved certificate signing requests are signed by it; else the tests do it.</summary>
    bool SignsCertificates { get; }

    /// <summary>The end of its logs.</summary>
    string LastLines(int count);
}
