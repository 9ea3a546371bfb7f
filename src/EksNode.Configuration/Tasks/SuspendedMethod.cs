using System.Runtime.CompilerServices;

namespace EksNode.Configuration.Tasks;

/// <summary>An asynchronous method that has begun to wait: where it goes on, and in which execution context.</summary>
public abstract class SuspendedMethod
{
    private readonly Action resume;
    private ExecutionContext? context;

    private protected SuspendedMethod() => resume = Resume;

    /// <summary>
    /// Runs a method to its first suspension, or its end. What it sets in the execution context is its own: its caller has the
    /// context that it had. (.NET does the same with the synchronization context, of which eksnode has none.)
    /// </summary>
    public static void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var context = ExecutionContext.Capture();
        stateMachine.MoveNext();
        Restore(context);
    }

    /// <summary>Keeps the execution context of now.</summary>
    /// <returns>What has the method go on, in that context. It is called once for each suspension.</returns>
    public Action Suspend()
    {
        context = ExecutionContext.Capture();
        return resume;
    }

    private protected abstract void MoveNext();

    // None where the flow of contexts is suppressed.
    private static void Restore(ExecutionContext? before)
    {
        if (before is not null && !ReferenceEquals(before, ExecutionContext.Capture()))
        {
            ExecutionContext.Restore(before);
        }
    }

    private void Resume()
    {
        if (context is null)
        {
            MoveNext();
        }
        else
        {
            ExecutionContext.Run(context, static method => ((SuspendedMethod)method!).MoveNext(), this);
        }
    }
}

/// <summary>The suspended method of one state machine. All that is compiled for each of them is here.</summary>
/// <typeparam name="TStateMachine">The state machine that the compiler made of the method.</typeparam>
internal sealed class SuspendedMethod<TStateMachine> : SuspendedMethod
    where TStateMachine : IAsyncStateMachine
{
    /// <summary>The state machine: a structure, so that this is the one that goes on, not the one that was on the stack.</summary>
    public TStateMachine? StateMachine;

    private protected override void MoveNext() => StateMachine!.MoveNext();
}
