using System.Runtime.CompilerServices;

namespace EksNode.Configuration.Tasks;

/// <summary>
/// Builds the task of an asynchronous method, as <see cref="AsyncTaskMethodBuilder"/> does, with less code for each method:
/// .NET's makes the task and the suspended method one object, whose class of six methods is compiled anew for each state machine.
/// Here the task is .NET's, with its results, exceptions and cancellations, and what waits is a <see cref="SuspendedMethod"/>
/// that all methods share but for one call.
/// </summary>
public struct SharedAsyncMethodBuilder
{
    // Structures that change: none of these may become readonly.
    private AsyncTaskMethodBuilder promise;
    private SuspendedMethod? suspended;

    /// <summary>The task that the method returns.</summary>
    public Task Task => promise.Task;

    /// <summary>Completes the task.</summary>
    public void SetResult() => promise.SetResult();

    /// <summary>Completes the task with an error, or as cancelled when the error says so.</summary>
    public void SetException(Exception exception) => promise.SetException(exception);

    /// <summary>What has the method go on once what it waits for is complete.</summary>
    public Action Suspend<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (suspended is null)
        {
            Keep(ref stateMachine);
        }

        return suspended!.Suspend();
    }

    /// <summary>Moves the state machine from the stack to the heap. This builder is a field of it: both must be complete before the copy is made.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Keep<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        _ = promise.Task;
        var method = new SuspendedMethod<TStateMachine>();
        suspended = method;
        method.StateMachine = stateMachine;
    }
}

/// <summary>Builds the task of an asynchronous method with a result, as <see cref="SharedAsyncMethodBuilder"/> does that of one without.</summary>
/// <typeparam name="TResult">The type of the method's result.</typeparam>
public struct SharedAsyncMethodBuilder<TResult>
{
    // Structures that change: none of these may become readonly.
    private AsyncTaskMethodBuilder<TResult> promise;
    private SuspendedMethod? suspended;

    /// <summary>The task that the method returns.</summary>
    public Task<TResult> Task => promise.Task;

    /// <summary>Completes the task.</summary>
    public void SetResult(TResult result) => promise.SetResult(result);

    /// <summary>Completes the task with an error, or as cancelled when the error says so.</summary>
    public void SetException(Exception exception) => promise.SetException(exception);

    /// <summary>What has the method go on once what it waits for is complete.</summary>
    public Action Suspend<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (suspended is null)
        {
            Keep(ref stateMachine);
        }

        return suspended!.Suspend();
    }

    /// <summary>Moves the state machine from the stack to the heap. This builder is a field of it: both must be complete before the copy is made.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Keep<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        _ = promise.Task;
        var method = new SuspendedMethod<TStateMachine>();
        suspended = method;
        method.StateMachine = stateMachine;
    }
}
