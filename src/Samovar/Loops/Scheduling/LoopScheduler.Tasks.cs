using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <content>How submitted tasks run.</content>
internal sealed partial class LoopScheduler
{
    /// <summary>Called where somebody is about to block for a task of this loop. On the loop's thread nothing else would run meanwhile: a task
    /// that has not begun is run here and now, and one that has can only be awaited.</summary>
    public override bool TryRunInline(Future future, bool isShort)
    {
        if (!Loop.IsHere) return false;
        bool isQueued;
        lock (_gate) isQueued = _queue.Remove(future);
        if (isQueued) RunTask(future);
        if (future.IsCompleted) return true;
        throw new InvalidOperationException(
            $"{future} was waited for on the thread of its own loop '{Name}', which is the only one that could bring it to its end. " +
            "Await it instead.");
    }

    /// <summary>Runs on whatever gave the attempt up. The loop goes on with the others as soon as this one is not in its own code.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        Over(future);
    }

    /// <summary>What was submitted and has not ended, with what it waits for.</summary>
    public List<(Future Task, Task? Work)> SubmittedWork()
    {
        lock (_gate) return [.. _underWay.Select(static pair => (pair.Key, pair.Value))];
    }

    /// <summary>The task of what was submitted, while it runs; null for all others.</summary>
    public Task? WorkOf(Future submitted)
    {
        lock (_gate) return _underWay.GetValueOrDefault(submitted);
    }

    private void RunNext()
    {
        Future? task;
        lock (_gate) task = _queue.TakeFirst();
        if (task is not null) RunTask(task);
    }

    private void RunTask(Future task)
    {
        _current = task;
        var context = task.Context;

        // SYNC: discard against start. It is listed under the gate, then it is asked whether anything may still start.
        lock (_gate)
        {
            _underWay[task] = null;
            CheckInvariantsLocked();
        }

        if (IsDiscarding) task.Cancel();
        if (!task.TryStart(_worker, 0, out int attempt))
        {
            Over(task);
            return;
        }

        var run = new Attempt(this, task, attempt);
        if ((context ?? _ownContext) is { } entered) ExecutionContext.Run(entered, Attempt.Callback, run);
        else run.Start();
    }

    private void Over(Future task)
    {
        lock (_gate) _underWay.Remove(task);
        if (!_hasThread && task.State == FutureState.Failed) Program.TaskFailed(task);
    }

    /// <summary>One attempt of one task, from its start to its end.</summary>
    private sealed class Attempt(LoopScheduler scheduler, Future task, int attempt)
    {
        public static readonly ContextCallback Callback = static run => ((Attempt)run!).Start();

        private Task? _work;

        public void Start()
        {
            var outer = RunningTask.Enter(task);
            RunningTask.Flow(task);
            if (task.IsAsynchronous) AmbientFrame.Current = new FutureFrame(task);
            try
            {
                _work = task.Begin(attempt);
            }
            finally
            {
                RunningTask.Leave(outer);
            }

            if (_work is null) scheduler.Over(task);
            else if (_work.IsCompleted) End();
            else Await(_work);
        }

        private void Await(Task work)
        {
            lock (scheduler._gate)
            {
                if (scheduler._underWay.ContainsKey(task)) scheduler._underWay[task] = work;
            }

            work.GetAwaiter().UnsafeOnCompleted(End);
        }

        private void End()
        {
            task.End(attempt, _work!);
            scheduler.Over(task);
        }
    }
}
