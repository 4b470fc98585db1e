using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Loops.Groups;

namespace Samovar;

/// <summary>A group of tasks with a <see cref="Joiner{T, TResult}"/>: see
/// <see cref="TaskGroup.RunAsync{T, TResult}(Func{TaskGroup{T}, Task}, Joiner{T, TResult}, TaskGroupOptions?, CancellationToken, string, int)"/>.</summary>
/// <typeparam name="T">The type of the tasks' results.</typeparam>
[DebuggerDisplay("{_group}")]
public sealed class TaskGroup<T>
{
    private readonly TaskGroup _group;

    internal TaskGroup(TaskGroup group) => _group = group;

    /// <summary>Gets the token that is cancelled when the remaining tasks are no longer needed, or when the group is cancelled from
    /// outside.</summary>
    public CancellationToken CancellationToken => _group.CancellationToken;

    /// <summary>Queues a task of the group. A task that is queued after the joiner has decided never starts.</summary>
    /// <inheritdoc cref="TaskGroup.Run{T}(Func{Task{T}}, string?, string, int)" path="/param|/returns|/exception"/>
    public GroupTask<T> Run(
        Func<Task<T>> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        _group.Run(work, name, sourceFile, sourceLine);

    /// <inheritdoc cref="Run(Func{Task{T}}, string?, string, int)"/>
    public GroupTask<T> Run(
        Func<CancellationToken, Task<T>> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0) =>
        _group.Run(work, name, sourceFile, sourceLine);

    /// <summary>Calls the joiner whenever a task completes, and collects the outcomes.</summary>
    internal sealed class Policy<TResult>(Joiner<T, TResult> joiner) : JoinPolicy
    {
        private readonly Lock _gate = new();
        private readonly List<Outcome<T>> _ended = [];
        private int _started;
        private int _failed;

        public override int TaskStarted()
        {
            lock (_gate)
            {
                int place = _started++;
                CheckInvariantsLocked();
                return place;
            }
        }

        public override bool TaskEnded(GroupTask task, Exception? error)
        {
            JoinProgress progress;
            lock (_gate)
            {
                int place = task.Place;
                _ended.Add(error is null ? Outcome<T>.Success(place, ((GroupTask<T>)task).Result) : Outcome<T>.Failure(place, error));
                if (error is not null) _failed++;
                progress = new JoinProgress(_started, _ended.Count - _failed, _failed);
                CheckInvariantsLocked();
            }

            return joiner.IsDecided(progress);
        }

        public TResult Decide() => joiner.Decide(_ended);

        [Conditional("DEBUG")]
        private void CheckInvariantsLocked()
        {
            Debug.Assert(_ended.Count <= _started, "only started tasks complete");
            Debug.Assert(_failed >= 0 && _failed <= _ended.Count, "only completed tasks have failed");
        }
    }
}
