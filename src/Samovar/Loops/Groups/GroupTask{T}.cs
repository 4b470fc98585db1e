using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <summary>A task of a <see cref="TaskGroup"/> that returns a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public sealed class GroupTask<T> : GroupTask
{
    private T _result = default!;

    private GroupTask(TaskGroup group, Delegate work, string? name, string file, int line)
        : base(group, work, name, file, line)
    {
    }

    /// <summary>Gets the result of a task that has succeeded. Does not wait; after the group's block, every task has completed.</summary>
    /// <exception cref="InvalidOperationException">The task has not completed.</exception>
    /// <exception cref="System.Exception">The task failed or was cancelled; its error is thrown.</exception>
    public T Result
    {
        get
        {
            if (!IsCompleted) throw new InvalidOperationException($"{this} has not completed. Await it, or read the result after the group's block.");
            if (Exception is { } error) ExceptionDispatchInfo.Throw(error);
            return _result;
        }
    }

    /// <summary>Gets an awaiter for the result.</summary>
    /// <returns>The awaiter of <see cref="AsTask"/>.</returns>
    public TaskAwaiter<T> GetAwaiter() => AsTask().GetAwaiter();

    /// <inheritdoc cref="GroupTask.AsTask"/>
    public new async Task<T> AsTask()
    {
        await base.AsTask().ConfigureAwait(false);
        return _result;
    }

    /// <summary>Returns a task that completes as this one does, for APIs that take tasks.</summary>
    /// <param name="task">The task of the group; null converts to null.</param>
    public static implicit operator Task<T>(GroupTask<T> task) => task?.AsTask()!;

    internal static new GroupTask<T> Create(TaskGroup group, Delegate work, string? name, string file, int line) => new(group, work, name, file, line);

    private protected override Task? Start(Delegate work) =>
        work is Func<Task<T>> plain ? plain() : ((Func<CancellationToken, Task<T>>)work)(Group.CancellationToken);

    private protected override void Keep(Task completed) => _result = ((Task<T>)completed).GetAwaiter().GetResult();
}
