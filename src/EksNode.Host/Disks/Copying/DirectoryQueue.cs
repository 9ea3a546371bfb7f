namespace EksNode.Host.Disks.Copying;

/// <summary>
/// Shares directories between threads. A directory is handed over only when a thread waits for one; otherwise the thread that found
/// it goes down itself. So the queue is never longer than there are threads, however large the tree is.
/// </summary>
/// <param name="threads">How many threads take from it.</param>
internal sealed class DirectoryQueue(int threads)
{
    private readonly Queue<DirectoryNode> queue = new();
    private readonly object gate = new();
    private int waiting;
    private bool ended;

    /// <summary>Hands a directory over; false when nobody waits for one.</summary>
    public bool Offer(DirectoryNode node)
    {
        if (Volatile.Read(ref waiting) == 0)
        {
            return false;
        }

        lock (gate)
        {
            if (ended || waiting <= queue.Count)
            {
                return false;
            }

            Add(node);
            return true;
        }
    }

    /// <summary>Adds the first.</summary>
    public void Begin(DirectoryNode node)
    {
        lock (gate)
        {
            Add(node);
        }
    }

    /// <summary>The next directory; null when every thread waits, so that none can come, or after <see cref="End"/>.</summary>
    public DirectoryNode? Take()
    {
        lock (gate)
        {
            while (!ended && queue.Count == 0)
            {
                if (++waiting == threads)
                {
                    ended = true;
                    Monitor.PulseAll(gate);
                    return null;
                }

                // It ends when the others end: they are the only ones that can hand something over.
                Monitor.Wait(gate);
                waiting--;
            }

            return ended ? null : queue.Dequeue();
        }
    }

    /// <summary>Sends all threads home.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Add(DirectoryNode node)
    {
        queue.Enqueue(node);
        Monitor.Pulse(gate);
    }
}
