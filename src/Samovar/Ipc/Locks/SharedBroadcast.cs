namespace Samovar.Ipc;

/// <summary>What manual events, countdowns and barriers stand on: a word, and those who wait for it to change. All who wait are let go at once,
/// so there is no line. A process's side.</summary>
/// <remarks>The data of the object: at 0 the word, at 128 a signal. A change is one compare-and-swap, so a death leaves either the old word or the
/// new one, and those who wait look again when a process dies.</remarks>
internal sealed class SharedBroadcast : IDisposable
{
    private const int SignalOffset = 128;

    private readonly unsafe ulong* _word;
    private readonly Participation _participation;
    private readonly SharedSignal _signal;

    /// <param name="region">The object.</param>
    /// <param name="lost">A process that took part has died: what the word becomes.</param>
    private unsafe SharedBroadcast(SharedRegion region, Func<ulong, ulong>? lost)
    {
        if (region.Format.DataLength < SharedPermits.DataLength || region.Format.Participants < 1)
            throw new ChannelCorruptedException($"A shared object has {region.Format.DataLength} bytes and {region.Format.Participants} participants.");
        Region = region;
        _word = (ulong*)region.Data;
        _participation = new Participation(region, (slot, process) =>
        {
            if (lost is not null && Interlocked.CompareExchange(ref PartOf(slot), 0, process.Word) == process.Word)
                Change(lost);
        });
        Volatile.Write(ref PartOf(_participation.Index), 0);
        _signal = new SharedSignal((uint*)(region.Data + SignalOffset), WaitPlatform.Of(region.Kind), _participation);
    }

    /// <summary>The memory; whoever is in an operation keeps it alive.</summary>
    public SharedRegion Region { get; }

    public unsafe ulong Word => Volatile.Read(ref *_word); // SYNC: broadcast word

    public static SharedFormat Format(SharedKind kind, ulong first, string? name) => new()
    {
        Kind = kind,
        Name = name,
        Capacity = 1,
        First = (long)first,
        Participants = SharedPermits.MostProcesses,
        DataLength = SharedPermits.DataLength,
    };

    public static SharedBroadcast Of(SharedReference reference, Func<ulong, ulong>? lost = null) =>
        reference.Region.State(region => new SharedBroadcast(region, lost));

    /// <summary>From now on this process's death is a loss.</summary>
    public void TakePart() => Volatile.Write(ref PartOf(_participation.Index), ProcessIdentity.Own.Word);

    public unsafe bool TryChange(ulong found, ulong next) => Interlocked.CompareExchange(ref *_word, next, found) == found; // SYNC: broadcast word

    public void WakeAll()
    {
        _signal.WakeAll();
        GC.KeepAlive(Region);
    }

    public bool Wait<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isReady = _signal.Wait(state, ready, timeout, cancellationToken);
        GC.KeepAlive(Region);
        return isReady;
    }

    public async ValueTask<bool> WaitAsync<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isReady = await _signal.WaitAsync(state, ready, timeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(Region);
        return isReady;
    }

    public void Dispose()
    {
        _signal.Close();
        Volatile.Write(ref PartOf(_participation.Index), 0);
        _participation.Dispose();
    }

    private void Change(Func<ulong, ulong> change)
    {
        for (ulong found = Word; !TryChange(found, change(found)); found = Word)
            continue;
    }

    // The slot's own first word: whose death is a loss; 0 for nobody's.
    private unsafe ref ulong PartOf(int slot) => ref *(ulong*)Participation.Of(Region).Own(slot);
}
