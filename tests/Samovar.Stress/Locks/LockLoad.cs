using System.Diagnostics;
using Samovar.Ipc;

namespace Samovar.Stress.Locks;

/// <summary>Processes that enter, hold and leave locks of all kinds as fast as they can, by threads and by asynchronous methods, and of which one after
/// another is killed wherever it is. What a lock protects is written in two halves, which differ only after a death inside.</summary>
internal sealed class LockLoad : IDisposable
{
    public const int Entries = 0;
    public const int Violations = 1;
    public const int Repaired = 2;
    public const int IsOver = 3;

    private const int ThreadsEach = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Random _random;
    private readonly ProcessLock _lock = new();
    private readonly ProcessReaderWriterLock _readerWriter = new();
    private readonly ProcessSemaphore _semaphore = new(2);
    private readonly ProcessCondition _changed;
    private readonly SharedArray<long> _shared;
    private readonly List<Victim> _victims = [];

    public LockLoad(int processes, int seed)
    {
        _random = new Random(seed);
        _changed = new ProcessCondition(_lock);
        _shared = new SharedArray<long>(LockWork.AtWork + processes);
        for (int i = 0; i < processes; i++) _victims.Add(Start(i));
    }

    public int Kills { get; private set; }

    /// <summary>Kills one that is at work, enters each lock as others do, and puts another in its place.</summary>
    public async Task<List<string>> RoundAsync()
    {
        var problems = new List<string>();
        long entriesBefore = Volatile.Read(ref _shared[Entries]);
        int index = _random.Next(_victims.Count);
        await UntilAsync(() => _shared[LockWork.AtWork + index] == _victims[index].Child.Id, $"process {_victims[index].Child.Id} does not come to work", problems)
            .ConfigureAwait(false);
        _victims[index].Child.Kill();
        Kills++;
        problems.AddRange(await EnterAllAsync().ConfigureAwait(false));
        await _victims[index].Child.Exited.WaitAsync(s_patience).ConfigureAwait(false);
        _victims[index] = Start(index);

        // The others have gone on meanwhile, or do now.
        await UntilAsync(() => Volatile.Read(ref _shared[Entries]) > entriesBefore, "no entry", problems).ConfigureAwait(false);
        if (Volatile.Read(ref _shared[Violations]) is > 0 and var violations) problems.Add($"{violations} times two were in at once");
        return problems;
    }

    /// <summary>Lets all end in order, and looks at what the locks say then.</summary>
    public async Task<List<string>> AtEndAsync()
    {
        var problems = new List<string>();
        Volatile.Write(ref _shared[IsOver], 1);
        foreach (var victim in _victims)
        {
            if (await Task.WhenAny(victim.Child.Exited, Task.Delay(s_patience)).ConfigureAwait(false) != victim.Child.Exited) problems.Add($"process {victim.Child.Id} hangs: {_lock.GetStatistics()}, {_changed.Waiting} at the condition");
            else if (victim.Child.ExitCode != 0) problems.Add($"process {victim.Child.Id} ended with {victim.Child.ExitCode}");
        }

        using (_lock.Enter())
        using (_readerWriter.EnterWrite())
        using (_semaphore.Enter())
        using (_semaphore.Enter())
        {
            if (_lock.GetStatistics().Waiting + _semaphore.GetStatistics().Waiting + _readerWriter.GetStatistics().Waiting > 0) problems.Add("a waiter is left in the statistics");
        }

        if (_semaphore.CurrentCount != 2) problems.Add($"the semaphore counts {_semaphore.CurrentCount} in the place of 2");
        return problems;
    }

    public void Dispose()
    {
        foreach (var victim in _victims) victim.Child.Kill();
        _changed.Dispose();
        _lock.Dispose();
        _readerWriter.Dispose();
        _semaphore.Dispose();
        _shared.Dispose();
    }

    public override string ToString() =>
        $"{_shared[Entries]:N0} entries, {_shared[Repaired]:N0} half-written and reported as abandoned, {_lock.GetStatistics().Abandonments + _semaphore.GetStatistics().Abandonments + _readerWriter.GetStatistics().Abandonments:N0} abandoned";

    private async Task UntilAsync(Func<bool> condition, string problem, List<string> problems)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience)
            {
                problems.Add($"{problem} for {s_patience.TotalSeconds} s: {_lock.GetStatistics()}, {_semaphore.GetStatistics()}, {_readerWriter.GetStatistics()}");
                return;
            }

            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    // This process takes part as others do, and must get through within its patience.
    private async Task<List<string>> EnterAllAsync()
    {
        var problems = new List<string>();
        using (var lease = await _lock.TryEnterAsync(s_patience).ConfigureAwait(false))
        {
            if (lease is null) problems.Add($"the lock was not entered: {_lock.GetStatistics()}");
            else LockWork.WriteBoth(_shared, LockWork.UnderLock, lease.IsAbandoned);
        }

        using (var lease = await _readerWriter.TryEnterWriteAsync(s_patience).ConfigureAwait(false))
        {
            if (lease is null) problems.Add($"the reader-writer lock was not entered: {_readerWriter.GetStatistics()}");
            else LockWork.WriteBoth(_shared, LockWork.UnderWriter, lease.IsAbandoned);
        }

        using (var lease = await _semaphore.TryEnterAsync(s_patience).ConfigureAwait(false))
        {
            if (lease is null) problems.Add($"the semaphore was not entered: {_semaphore.GetStatistics()}");
        }

        return problems;
    }

    private Victim Start(int number)
    {
        var work = new LockWork(_lock, _readerWriter, _semaphore, _changed, _shared, number, _random.Next());
        return new(ChildProcess.Start(() => work.RunAsync(ThreadsEach)));
    }

    private sealed record Victim(ChildProcess Child);
}
