using System.Diagnostics;
using System.Globalization;

namespace EksNode.NodeTests;

/// <summary>Waits with a deadline that say what they wait for.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="what">What is waited for, for the failure.</param>
    /// <param name="deadline">How long.</param>
    /// <param name="ask">Null while it is not there.</param>
    /// <param name="state">What is there instead, for the failure.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<T> ForAsync<T>(string what, TimeSpan deadline, Func<CancellationToken, Task<T?>> ask, Func<string>? state, CancellationToken cancellation)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await ask(cancellation) is { } found)
            {
                return found;
            }

            if (Stopwatch.GetElapsedTime(began) > deadline)
            {
                throw new NodeTestException(string.Create(
                    CultureInfo.InvariantCulture, $"{what} did not come about in {deadline.TotalSeconds:F0} s{(state is null ? "" : $": {state()}")}"));
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task UntilAsync(string what, TimeSpan deadline, Func<CancellationToken, Task<bool>> ask, Func<string>? state, CancellationToken cancellation) =>
        ForAsync<object>(what, deadline, async token => await ask(token) ? what : null, state, cancellation);
}
