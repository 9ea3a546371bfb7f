namespace EksNode.Host.Tasks;

/// <summary>
/// Waits for tasks with a result that end early. <c>WaitAsync</c> of <see cref="Task{TResult}"/> is two more classes for every type of
/// result that any task of the executable has; that of <see cref="Task"/> is none.
/// </summary>
public static class BoundedWaits
{
    /// <summary>The result of a task, unless it is cancelled before; the task itself goes on.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<T> WithinAsync<T>(this Task<T> task, CancellationToken cancellation) =>
        task.WithinAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);

    /// <summary>The result of a task, unless it takes too long or is cancelled before; the task itself goes on.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<T> WithinAsync<T>(this Task<T> task, TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        await ((Task)task).WaitAsync(limit, clock, cancellation).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }
}
