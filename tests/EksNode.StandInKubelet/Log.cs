namespace EksNode.StandInKubelet;

/// <summary>Lines for the journal.</summary>
internal static class Log
{
    public static void Info(string text) => Console.Error.WriteLine("I " + text);

    public static void Warn(string text) => Console.Error.WriteLine("W " + text);

    public static void Error(string text) => Console.Error.WriteLine("E " + text);
}
