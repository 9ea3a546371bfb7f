using EksNode.Configuration.Tasks;

namespace System.Runtime.CompilerServices;

// The compiler builds the task of every asynchronous method with the types of these names, and takes those of the project before
// those of .NET. So each project with asynchronous methods has this file. docs/dependencies.md says what that saves;
// SharedAsyncMethodBuilder, how.
#pragma warning disable CS0436 // The names are those of .NET's types, on purpose.
#pragma warning disable CA1822 // The compiler calls these methods on an instance.

internal struct AsyncTaskMethodBuilder
{
    private SharedAsyncMethodBuilder shared;

    public Task Task => shared.Task;

    public static AsyncTaskMethodBuilder Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine =>
        SuspendedMethod.Start(ref stateMachine);

    // Called by nothing: it was for state machines that were boxed before .NET Core.
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => _ = stateMachine;

    public void SetResult() => shared.SetResult();

    public void SetException(Exception exception) => shared.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.OnCompleted(shared.Suspend(ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.UnsafeOnCompleted(shared.Suspend(ref stateMachine));
}

internal struct AsyncTaskMethodBuilder<TResult>
{
    private SharedAsyncMethodBuilder<TResult> shared;

    public Task<TResult> Task => shared.Task;

    public static AsyncTaskMethodBuilder<TResult> Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine =>
        SuspendedMethod.Start(ref stateMachine);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => _ = stateMachine;

    public void SetResult(TResult result) => shared.SetResult(result);

    public void SetException(Exception exception) => shared.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.OnCompleted(shared.Suspend(ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine =>
        awaiter.UnsafeOnCompleted(shared.Suspend(ref stateMachine));
}
