namespace EksNode.Configuration.Expressions;

/// <summary>
/// Bounds the work of one evaluation. A unit is about one step: a node of the expression, an item compared or copied, eight
/// characters. Once it is spent the evaluation ends, and nothing can absorb that error.
/// </summary>
/// <param name="limit">The units.</param>
internal sealed class CelBudget(long limit)
{
    private long left = limit;

    /// <summary>Whether more was asked for than there was.</summary>
    public bool Exhausted { get; private set; }

    /// <summary>Takes units; false when there are not enough, now or before.</summary>
    public bool Spend(long units)
    {
        if (Exhausted || units > left)
        {
            Exhausted = true;
            return false;
        }

        left -= units;
        return true;
    }
}
