using Samovar.Cluster.Worker;
using Samovar.Tasks.Core;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The workers of a simulated node, in place of a <see cref="ProcessExecutor"/>: they run the work of a task when it starts, and complete the
/// task after as much virtual time as was drawn for it.</summary>
internal sealed class SimulatedWorkers(ProcessExecutorOptions options, VirtualTime time, SimulatedHost host) : Executor(new WorkersCore(options, time, host))
{
    private sealed class WorkersCore(ProcessExecutorOptions options, VirtualTime time, SimulatedHost host)
        : RemoteExecutorCore(host.Name, host, options.CancellationGrace, null)
    {
        /// <summary>How long a worker that has exited is replaced.</summary>
        private static readonly TimeSpan s_restart = TimeSpan.FromMilliseconds(200);

        private readonly Queue<Future> _queue = new();
        private readonly Dictionary<Future, Run> _running = [];
        private int _starting; // workers that start
        private int _lastWorker;

        public override int Parallelism => options.Workers;

        public override void MapBegins()
        {
            // Nothing prevents a map.
        }

        public override ExecutorSharedWork? Share(Delegate work, bool refersToIt) => null;

        public override void Prepare(Future future)
        {
            // The work stays in this process.
        }

        public override void Enqueue(Future future)
        {
            _queue.Enqueue(future);
            StartNext();
        }

        public override void Revoked(Future future)
        {
            // Skipped when its turn comes.
        }

        public override void NoteStart(Future future)
        {
            // A start is known when it happens.
        }

        public override void Recall(Future future)
        {
            // No task is sent ahead.
        }

        public override bool HasEndedInTime(Future future) => false;

        public override long EndOf(Future future, long now) => now;

        public override bool TryDrainOnCaller(Future future) => false;

        public override void StopRequested(Future future, int attempt, StopReason reason)
        {
            if (!_running.TryGetValue(future, out var run) || run.Task.Fate == SimulatedFate.IgnoresStop) return;
            time.At(time.Now + TimeSpan.FromMilliseconds(5).Ticks, host, () => End(run, PayloadWriter.OfError(new OperationCanceledException())));
        }

        public override void KillTask(Future future, string why)
        {
            if (_running.TryGetValue(future, out var run)) Crash(run, $"Its worker was killed, because {why}.");
        }

        public override ExecutorStatistics GetStatistics() => CreateStatistics(Parallelism, Parallelism, Parallelism - _running.Count, _running.Count);

        protected override List<Future> TakeQueued()
        {
            List<Future> queued = [.. _queue];
            _queue.Clear();
            return queued;
        }

        protected override List<Future> TasksUnderWay() => [.. _running.Keys];

        protected override void GiveUpRunning(TimeSpan grace)
        {
            CancelUnstarted();
            foreach (var run in _running.Values.ToList()) Crash(run, "Its node has stopped.");
        }

        private void StartNext()
        {
            while (_running.Count + _starting < options.Workers && _queue.TryDequeue(out var future))
            {
                int attempt = future.Attempt;
                var worker = new WorkerIdentity(++_lastWorker, host.Name) { ProcessId = _lastWorker };
                if (!future.TrySend() || !future.TryStartSent(worker, attempt, time.Now, hasEnded: true)) continue;
                var work = (Func<byte[]>)future.GetShippable().Work;
                byte[] payload = SimulatedWork.Start(attempt, host, work, out var task);
                var run = new Run(future, attempt, task, time.Now);
                _running.Add(future, run);
                time.At(time.Now + task.Duration, host, () =>
                {
                    if (task.Fate == SimulatedFate.Crashes) Crash(run, "Its worker exited.");
                    else End(run, payload);
                });
            }
        }

        private void End(Run run, byte[] payload)
        {
            if (!_running.Remove(run.Future)) return;
            run.Future.Complete(run.Attempt, new Payload(payload, TimeSpan.FromTicks(time.Now - run.Began)));
            StartNext();
        }

        private void Crash(Run run, string why)
        {
            if (!_running.Remove(run.Future)) return;
            _starting++;
            time.At(time.Now + s_restart.Ticks, host, () =>
            {
                _starting--;
                StartNext();
            });
            if (run.Future.IsCancelRequested) run.Future.EndAsCanceled(run.Attempt);
            else run.Future.EndWithError(run.Attempt, new WorkerCrashedException(why));
        }
    }

    private sealed record Run(Future Future, int Attempt, SimulatedTask Task, long Began);

    /// <summary>What a worker returned.</summary>
    private sealed class Payload(byte[] bytes, TimeSpan elapsed) : ResultSource
    {
        public override TimeSpan Elapsed => elapsed;

        public override ReadOnlySpan<byte> Bytes => bytes;

        public override T Read<T>() => (T)(object)bytes;

        public override PartReader<T> PartsOf<T>() => throw new NotSupportedException("A node sends no batches.");
    }
}
