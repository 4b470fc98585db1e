using Samovar.Loops.Core;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Loops.Core;

/// <summary>The core of a loop with an owner that knows no group, no scope and no executor.</summary>
public sealed class LoopCoreTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    [ThreadFact]
    public void Callbacks_run_in_the_order_they_became_ready()
    {
        var (owner, loop) = Virtual();
        loop.PostOrForward(
            new Action(() =>
            {
                loop.Post(new Action(() => owner.Seen.Add("third")), null);
                owner.Seen.Add("first");
            }),
            null);
        loop.PostOrForward(new Action(() => owner.Seen.Add("second")), null);
        loop.Run();
        owner.Seen.ShouldBe(["first", "second", "third", "stuck"]);
    }

    [ThreadFact]
    public void Virtual_time_jumps_to_the_next_timer()
    {
        var (owner, loop) = Virtual();
        loop.PostOrForward(
            new Action(() =>
            {
                loop.Arm(new Ring(owner, "tomorrow"), s_day);
                loop.Arm(new Ring(owner, "today"), s_day / 2);
            }),
            null);
        loop.Run();
        owner.Seen.ShouldBe(["today", "tomorrow", "stuck"]);
        loop.Time.GetElapsedTime(0).ShouldBe(s_day);
    }

    [ThreadFact]
    public void An_error_of_a_callback_is_its_owners_and_the_others_run()
    {
        var (owner, loop) = Virtual();
        loop.PostOrForward(new Action(static () => throw new InvalidOperationException("of a callback")), null);
        loop.PostOrForward(new Action(() => owner.Seen.Add("the other")), null);
        loop.Run();
        owner.Seen.ShouldBe(["failed: of a callback", "the other", "stuck"]);
    }

    [ThreadFact]
    public void Work_from_another_thread_requests_a_thread_for_a_loop_without_one()
    {
        var owner = new BareOwner();
        var loop = new LoopCore(owner, new LoopCoreOptions()) { NeedsThread = true };
        owner.Loop = loop;
        loop.Post(new Action(() => owner.Seen.Add("ran")), null);
        owner.Thread!.Join();
        owner.Seen.ShouldBe(["thread", "ran"]);
    }

    [ThreadFact]
    public async Task Work_that_is_left_when_the_loop_closes_goes_to_the_thread_pool()
    {
        var (_, loop) = Virtual();
        var ran = new TaskCompletionSource<bool>();
        loop.PostOrForward(new Action(() => ran.SetResult(Thread.CurrentThread.IsThreadPoolThread)), null);
        loop.Close();
        (await ran.Task.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => loop.Post(new Action(static () => { }), null));
    }

    private static (BareOwner Owner, LoopCore Loop) Virtual()
    {
        var owner = new BareOwner();
        return (owner, owner.Loop = new LoopCore(owner, new LoopCoreOptions { IsVirtual = true }));
    }

    private sealed class Ring(BareOwner owner, string what) : TimerNode
    {
        public override void Due(LoopCore loop) => owner.Seen.Add(what);
    }

    /// <summary>Stops its loop when nothing is left to do.</summary>
    private sealed class BareOwner : LoopOwner
    {
        public List<string> Seen { get; } = [];

        public LoopCore? Loop { get; set; }

        public Thread? Thread { get; private set; }

        public override string Name => "bare";

        public override CancellationToken Token => CancellationToken.None;

        public override bool Owns(ExecutorCore executor) => false;

        public override void StartThread()
        {
            Seen.Add("thread");
            Loop!.NeedsThread = false;
            Thread = new Thread(() => Loop.Run());
            Thread.Start();
        }

        public override bool IsStuck()
        {
            if (Loop!.Clock.IsVirtual) Seen.Add("stuck");
            Loop.Stop();
            return true;
        }

        public override void EndIsOverdue() => Seen.Add("overdue");

        public override void Report(FailureSource source, long taskId, string? taskName, Exception exception) => Seen.Add($"reported: {exception.Message}");

        public override void CallbackFailed(Exception error, ReadyItem callback) => Seen.Add($"failed: {error.Message}");

        public override void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place) => Seen.Add("slow");

        public override void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless) => Seen.Add("blocked");
    }
}
