using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <content>Runs submitted tasks.</content>
internal sealed partial class LoopScheduler
{
    /// <summary>Called when a caller is about to block on a task of this loop. On the loop's thread no other code would run meanwhile: a task
    /// that has not started is run inline, and one that has started can only be awaited, so the call throws.</summary>
    public override bool TryRunInline(Future future, bool isShort)
    {
        if (!Loop.IsHere) return false;
        bool isQueued;
        lock (_gate) isQueued = _queue.Remove(future);
        if (isQueued) RunTask(future);
        if (future.IsCompleted) return true;
        throw new InvalidOperationException(
            $"{future} was waited for on the thread of its own loop '{Name}', the only thread that can complete it. " +
            "Await it instead.");
    }

    /// <summary>Leaves an abandoned attempt behind. The loop continues with other work as soon as the attempt's code returns or awaits.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        Over(future);
    }

    /// <summary>Returns the submitted tasks that have started and not completed, each with the task that its work returned.</summary>
    public List<(Future Task, Task? Work)> SubmittedWork()
    {
        lock (_gate) return [.. _underWay.Select(static pair => (pair.Key, pair.Value))];
    }

    /// <summary>Returns the task that the submitted work returned, while it runs; null for any other future.</summary>
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

        // SYNC: discard against start. The task is listed under the gate, then it is read whether anything may still start.
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

    /// <summary>One attempt of one task, from its start to its completion.</summary>
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
                _work = ResourceGrant.BeginCode(task, attempt);
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
