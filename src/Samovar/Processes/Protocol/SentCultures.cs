using System.Globalization;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Serialization.Plans;

namespace Samovar.Processes.Protocol;

/// <summary>The cultures that go to worker processes: with the setup those that the program declares as its defaults, with a task those it was
/// submitted under, where they are not the defaults. Safe for any thread.</summary>
/// <remarks>A task that is submitted under the defaults runs under its worker's, as on threads: those of the program, or of the system in the
/// worker's environment, or what an initializer has made of them.</remarks>
internal sealed class SentCultures
{
    /// <summary>Bytes. They travel in the ring, so they must not fill it.</summary>
    public const int Longest = 8 * 1024;

    /// <summary>For what runs under the cultures that its worker has.</summary>
    public static readonly PackedRecord Nothing = new([], 0);

    /// <summary>How long the thread pool may take where no thread can be started. It may have none that is free.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static ExecutionContext? s_blank;

    private readonly ShippingWriter _writer;
    private readonly CultureDefaults _declared = CultureDefaults.Declared;
    private readonly CulturePair? _defaults; // null for not known: then the cultures of every task are sent
    private Written? _last;

    /// <summary>Takes the defaults as they are now: all workers get the same.</summary>
    /// <exception cref="UnshippableException">One of them cannot travel.</exception>
    public SentCultures(ShippingWriter writer)
        : this(writer, Blank())
    {
    }

    /// <param name="writer">Writes them.</param>
    /// <param name="blank">The execution context of a thread to which nothing flows; null where none can be had.</param>
    internal SentCultures(ShippingWriter writer, ExecutionContext? blank)
    {
        _writer = writer;
        _defaults = blank is null ? null : In(blank);
        Setup = _declared.AreNone ? Nothing : Pack(_declared, "CultureInfo.DefaultThreadCurrentCulture");
    }

    /// <summary>The <see cref="CultureDefaults"/> for a worker.</summary>
    public PackedRecord Setup { get; }

    /// <summary>The <see cref="CulturePair"/> for a task; <see cref="Nothing"/> where its worker has them, or none are given.</summary>
    /// <exception cref="UnshippableException">One of them cannot travel.</exception>
    public PackedRecord Of(CulturePair? given)
    {
        if (given is not { } pair || IsDefault(pair)) return Nothing;
        var last = Volatile.Read(ref _last); // SYNC: cultures written
        if (last is null || !last.IsOf(pair))
        {
            last = new Written(pair) { Record = Pack(pair, "CultureInfo.CurrentCulture") };
            Volatile.Write(ref _last, last); // SYNC: cultures written
        }

        return last.Record;
    }

    /// <summary>What the defaults come to: the cultures of a thread to which nothing flows.</summary>
    private static CulturePair In(ExecutionContext blank)
    {
        CulturePair seen = default;
        ExecutionContext.Run(blank, _ => seen = CulturePair.Current, null);
        return seen;
    }

    /// <summary>The execution context of a thread to which nothing flows. It takes such a thread to get it, once for the process. Null where no thread
    /// can be started, and the pool has none that is free.</summary>
    private static ExecutionContext? Blank()
    {
        if (Volatile.Read(ref s_blank) is { } known) return known; // SYNC: blank context published
        return OfThread(static fresh => fresh.UnsafeStart()) ?? OfPool(s_patience);
    }

    /// <summary>Takes it from a thread of its own; null where that cannot be started.</summary>
    internal static ExecutionContext? OfThread(Action<Thread> start)
    {
        ExecutionContext? blank = null;
        var fresh = new Thread(() => blank = Publish()) { IsBackground = true, Name = "Samovar culture defaults" };
        try
        {
            start(fresh);
        }
        catch (OutOfMemoryException)
        {
            return null; // for want of memory or by a limit on threads: the caller asks the pool
        }

        fresh.Join();
        return blank;
    }

    /// <summary>Takes it from a thread of the pool, to which nothing flows here; null where none has come to it in time.</summary>
    internal static ExecutionContext? OfPool(TimeSpan patience)
    {
        var answered = new ManualResetEventSlim(); // not disposed of here: the pool may answer after the patience
        ThreadPool.UnsafeQueueUserWorkItem(
            static answered =>
            {
                Publish();
                answered.Set();
            },
            answered,
            preferLocal: false);
        return answered.Wait(patience) ? Volatile.Read(ref s_blank) : null; // SYNC: blank context published
    }

    private static ExecutionContext Publish()
    {
        var blank = ExecutionContext.Capture()!; // its flow is not suppressed: no user code runs here
        Volatile.Write(ref s_blank, blank); // SYNC: blank context published
        return blank;
    }

    // Workers that are threads of this process have the defaults of this moment, so those must be the ones that were taken.
    private bool IsDefault(in CulturePair pair) => _defaults is { } defaults && pair.IsSame(defaults) && _declared.AreSame(CultureDefaults.Declared);

    private PackedRecord Pack<T>(T cultures, string property)
    {
        try
        {
            using var body = _writer.Prepare(cultures);
            if (body.Length > Longest)
                throw new UnshippableException("formats", typeof(CultureInfo), $"takes {body.Length:N0} bytes, of which at most {Longest:N0} may travel with a task");
            return new PackedRecord(body.ToArray(), body.DefinitionsNeeded);
        }
        catch (UnshippableException error)
        {
            throw new UnshippableException(
                property,
                error.Culprit,
                $"cannot travel, and work runs under the cultures of its submitter ({error.Message}). " +
                "Set another culture, or submit between ExecutionContext.SuppressFlow() and its Undo(): then the work runs under its worker's",
                error);
        }
    }

    /// <summary>Cultures as bytes, for as long as they are the same: one may be writable.</summary>
    private sealed class Written(CulturePair pair)
    {
        private readonly CulturePair _pair = pair;

        // Copied before they are written: what changes between the two is found to differ, and written again.
        private readonly CultureFormats _formats = new(pair.Culture);
        private readonly CultureFormats? _uiFormats = ReferenceEquals(pair.Culture, pair.UICulture) ? null : new(pair.UICulture);

        public required PackedRecord Record { get; init; }

        public bool IsOf(in CulturePair pair) =>
            pair.IsSame(_pair) && _formats.AreThoseOf(pair.Culture) && (_uiFormats is null || _uiFormats.AreThoseOf(pair.UICulture));
    }
}
