using System.Diagnostics;
using System.Globalization;

namespace EksNode.NodeTests;

/// <summary>What happened when: one line a phase, with the seconds since the scenario began.</summary>
internal sealed class Phases(TextWriter output)
{
    private readonly long began = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(began);

    public void Done(string what) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Elapsed.TotalSeconds,6:F1} s  {what}"));

    public void Detail(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
        {
            output.WriteLine("            " + line.TrimEnd());
        }
    }
}
