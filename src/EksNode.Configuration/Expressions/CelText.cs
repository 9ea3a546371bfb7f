using System.Text;

namespace EksNode.Configuration.Expressions;

/// <summary>The text of lists and maps, cut where it gets long: a value may share its parts and be far longer than its expression.</summary>
internal static class CelText
{
    private const int Longest = 4000;
    private const int LongestInMessage = 60;

    /// <summary>The text, cut where it gets too long to be of use.</summary>
    public static string Of(CelValue value) => Cut(value, Longest);

    /// <summary>The text for a message.</summary>
    public static string Short(CelValue value) => Cut(value, LongestInMessage);

    private static string Cut(CelValue value, int longest)
    {
        var text = new StringBuilder();
        Append(text, value, longest);
        return text.Length <= longest ? text.ToString() : text.ToString(0, longest) + "…";
    }

    private static void Append(StringBuilder text, CelValue value, int longest)
    {
        if (text.Length > longest)
        {
            return;
        }

        switch (value)
        {
            case CelList list:
                text.Append('[');
                AppendAll(text, list.Items.Length, longest, i => Append(text, list.Items[i], longest));
                text.Append(']');
                break;
            case CelMap map:
                text.Append('{');
                AppendAll(text, map.Entries.Length, longest, i =>
                {
                    Append(text, map.Entries[i].Key, longest);
                    text.Append(": ");
                    Append(text, map.Entries[i].Value, longest);
                });
                text.Append('}');
                break;
            default:
                text.Append(value);
                break;
        }
    }

    private static void AppendAll(StringBuilder text, int count, int longest, Action<int> append)
    {
        for (var i = 0; i < count && text.Length <= longest; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            append(i);
        }
    }
}
