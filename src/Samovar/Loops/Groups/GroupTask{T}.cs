using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <summary>One task of a <see cref="TaskGroup"/> that brings a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public sealed class GroupTask<T> : GroupTask
{
    private T _result = default!;

    private GroupTask(TaskGroup group, Delegate work, string? name, string file, int line)
        : base(group, work, name, file, line)
    {
    }

    /// <summary>The result, once it has succeeded: after the group's block it is there. Does not wait.</summary>
    /// <exception cref="InvalidOperationException">It has not ended yet.</exception>
    /// <exception cref="System.Exception">It failed or was cancelled: its own error.</exception>
    public T Result
    {
        get
        {
            if (!IsCompleted) throw new InvalidOperationException($"{this} has not ended; await it, or look after the group's block.");
            if (Exception is { } error) ExceptionDispatchInfo.Throw(error);
            return _result;
        }
    }

    /// <summary>Awaits the result.</summary>
    public TaskAwaiter<T> GetAwaiter() => AsTask().GetAwaiter();

    /// <inheritdoc cref="GroupTask.AsTask"/>
    public new async Task<T> AsTask()
    {
        await base.AsTask().ConfigureAwait(false);
        return _result;
    }

    /// <summary>A task that ends as this one does, for code that takes tasks.</summary>
    /// <param name="task">The task of the group; null gives null.</param>
    public static implicit operator Task<T>(GroupTask<T> task) => task?.AsTask()!;

    internal static new GroupTask<T> Create(TaskGroup group, Delegate work, string? name, string file, int line) => new(group, work, name, file, line);

    private protected override Task? Start(Delegate work) =>
        work is Func<Task<T>> plain ? plain() : ((Func<CancellationToken, Task<T>>)work)(Group.CancellationToken);

    private protected override void Keep(Task completed) => _result = ((Task<T>)completed).GetAwaiter().GetResult();
}
