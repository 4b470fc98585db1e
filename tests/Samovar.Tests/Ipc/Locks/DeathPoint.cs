using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>A moment of an algorithm at which a process dies: a step of <see cref="SemaphoreStep"/>, <see cref="SignalStep"/> or <see cref="BroadcastStep"/>, and how
/// often it is reached before.</summary>
internal sealed record DeathPoint(string Step, int Times)
{
    public override string ToString() => $"{Step} {Times}";

    public static DeathPoint Parse(string text) => new(text.Split(' ')[0], int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>From now on this process dies when it comes there, and says that it does.</summary>
    public void Arm(SharedValue<int> reached)
    {
        int left = Times;
        SemaphoreWord.StepReached = step => Reach($"{step}");
        SignalWord.StepReached = step => Reach($"{step}");
        SharedBroadcast.StepReached = step => Reach($"{step}");

        void Reach(string step)
        {
            if (step != Step || Interlocked.Decrement(ref left) != 0) return;
            reached.Value = 1;
            LockKinds.Die();
            Thread.CurrentThread.Join(); // the kernel has not come to it yet
        }
    }
}

/// <summary>An object of which a process takes a permit and returns it: each kind that is built on permits.</summary>
internal sealed class Takeable : IDisposable
{
    private readonly ProcessLock? _lock;
    private readonly ProcessReaderWriterLock? _readerWriter;
    private readonly ProcessSemaphore? _semaphore;
    private readonly ProcessEvent? _event;

    public Takeable(string kind)
    {
        Kind = kind;
        if (kind is "lock") _lock = new ProcessLock();
        else if (kind is "reader" or "writer") _readerWriter = new ProcessReaderWriterLock();
        else if (kind is "semaphore" or "count") _semaphore = new ProcessSemaphore(1, 100);
        else _event = new ProcessEvent(isSet: true, EventResetMode.AutoReset);
    }

    public static string[] Kinds => ["lock", "reader", "writer", "semaphore", "count", "automatic"];

    public string Kind { get; }

    /// <summary>What a dead process has taken comes back.</summary>
    public bool ComesBack => Kind is not ("count" or "automatic");

    /// <summary>Gets whether all permits are returned and there are no waiters.</summary>
    public bool IsFree => Statistics is var s && s.Available == (_readerWriter is null ? 1 : (int)SemaphoreWord.Most) && s.Holders.Count == 0 && s.Waiting == 0;

    public ProcessLockStatistics Statistics => ProcessLockStatistics.Of(Semaphore);

    public SharedReference Reference => _lock?.Reference ?? _readerWriter?.Reference ?? _semaphore?.Reference ?? _event!.Reference;

    private SharedSemaphore Semaphore => SharedSemaphore.Of(Reference);

    /// <summary>Keeps all others out: readers too.</summary>
    public Action Block() => _readerWriter is { } both ? both.EnterWrite().Dispose : Take(Timeout.InfiniteTimeSpan)!;

    /// <summary>Takes one; what gives it back, or null.</summary>
    public Action? Take(TimeSpan timeout) => Kind switch
    {
        "lock" => Of(_lock!.TryEnter(timeout)),
        "reader" => Of(_readerWriter!.TryEnterRead(timeout)),
        "writer" => Of(_readerWriter!.TryEnterWrite(timeout)),
        "semaphore" => Of(_semaphore!.TryEnter(timeout)),
        "count" => _semaphore!.Wait(timeout) ? Provide : null,
        _ => _event!.Wait(timeout) ? Provide : null,
    };

    public async Task<Action> TakeAsync()
    {
        switch (Kind)
        {
            case "lock": return (await _lock!.EnterAsync()).Dispose;
            case "reader": return (await _readerWriter!.EnterReadAsync()).Dispose;
            case "writer": return (await _readerWriter!.EnterWriteAsync()).Dispose;
            case "semaphore": return (await _semaphore!.EnterAsync()).Dispose;
            case "count": await _semaphore!.WaitAsync(); return Provide;
            default: await _event!.WaitAsync(); return Provide;
        }
    }

    /// <summary>Puts one there that a dead process has used up.</summary>
    public void Provide()
    {
        if (_semaphore is { } semaphore) semaphore.Release();
        else _event!.Set();
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _readerWriter?.Dispose();
        _semaphore?.Dispose();
        _event?.Dispose();
    }

    private static Action? Of(ProcessLease? lease) => lease is null ? null : lease.Dispose;
}
