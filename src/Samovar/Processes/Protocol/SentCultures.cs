using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Serialization.Plans;

namespace Samovar.Processes.Protocol;

/// <summary>Serializes the cultures that worker processes need: the program's defaults with the setup, and with a task those under which it was
/// submitted, if they are not the defaults. Thread-safe.</summary>
/// <remarks>A task that is submitted under the defaults runs under the defaults of its worker, as on threads: those of the program, or of the
/// system in the worker's environment, or those that an initializer has set.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class SentCultures
{
    /// <summary>The largest length in bytes. Cultures are sent in the ring, so they must not fill it.</summary>
    public const int Longest = 8 * 1024;

    /// <summary>The record for work that runs under the cultures of its worker.</summary>
    public static readonly PackedRecord Nothing = new([], 0);

    /// <summary>How long to wait for a thread of the pool if no thread can be started. The pool may have no free thread.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private static ExecutionContext? s_blank;

    private readonly ShippingWriter _writer;
    private readonly CultureDefaults _declared = CultureDefaults.Declared;
    private readonly CulturePair? _defaults; // null if unknown: then the cultures of every task are sent
    private Written? _last;

    /// <summary>Initializes an instance with the current defaults, so that all workers get the same.</summary>
    /// <exception cref="UnshippableException">One of the cultures cannot be serialized.</exception>
    public SentCultures(ShippingWriter writer)
        : this(writer, Blank())
    {
    }

    /// <param name="writer">Serializes the cultures.</param>
    /// <param name="blank">The execution context of a thread to which nothing flows; null if it is not available.</param>
    internal SentCultures(ShippingWriter writer, ExecutionContext? blank)
    {
        _writer = writer;
        _defaults = blank is null ? null : In(blank);
        Setup = _declared.AreNone ? Nothing : Pack(_declared, "CultureInfo.DefaultThreadCurrentCulture");
    }

    /// <summary>The <see cref="CultureDefaults"/> for a worker.</summary>
    public PackedRecord Setup { get; }

    /// <summary>Returns the <see cref="CulturePair"/> for a task; <see cref="Nothing"/> if its worker has these cultures, or if none are
    /// given.</summary>
    /// <exception cref="UnshippableException">One of the cultures cannot be serialized.</exception>
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

    /// <summary>Returns the cultures of a thread to which nothing flows, which are the effective defaults.</summary>
    private static CulturePair In(ExecutionContext blank)
    {
        CulturePair seen = default;
        ExecutionContext.Run(blank, _ => seen = CulturePair.Current, null);
        return seen;
    }

    /// <summary>Returns the execution context of a thread to which nothing flows, which takes such a thread once for the process. Null if no thread
    /// can be started and the pool has no free thread.</summary>
    private static ExecutionContext? Blank()
    {
        if (Volatile.Read(ref s_blank) is { } known) return known; // SYNC: blank context published
        return OfThread(static fresh => fresh.UnsafeStart()) ?? OfPool(s_patience);
    }

    /// <summary>Captures the context on a new thread; null if the thread cannot be started.</summary>
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
            return null; // a lack of memory or a limit on threads: the caller uses the pool
        }

        fresh.Join();
        return blank;
    }

    /// <summary>Captures the context on a thread of the pool, to which nothing flows here; null if no thread of the pool runs the call in
    /// time.</summary>
    internal static ExecutionContext? OfPool(TimeSpan patience)
    {
        var answered = new ManualResetEventSlim(); // not disposed here: the pool may set it after the timeout
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

    // Workers that are threads of this process use the current defaults, so those must equal the captured ones.
    private bool IsDefault(in CulturePair pair) => _defaults is { } defaults && pair.IsSame(defaults) && _declared.AreSame(CultureDefaults.Declared);

    private PackedRecord Pack<T>(T cultures, string property)
    {
        try
        {
            using var body = _writer.Prepare(cultures);
            if (body.Length > Longest)
                throw new UnshippableException("formats", typeof(CultureInfo), $"takes {body.Length:N0} bytes, but at most {Longest:N0} can be sent with a task");
            return new PackedRecord(body.ToArray(), body.DefinitionsNeeded);
        }
        catch (UnshippableException error)
        {
            throw new UnshippableException(
                property,
                error.Culprit,
                $"cannot be sent to a worker, and work runs under the cultures of its submitter ({error.Message}). " +
                "Set another culture, or submit between ExecutionContext.SuppressFlow() and its Undo(): the work then runs under the cultures of its worker",
                error);
        }
    }

    /// <summary>Serialized cultures, valid while the cultures are unchanged: a culture may be writable.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    private sealed class Written(CulturePair pair)
    {
        private readonly CulturePair _pair = pair;

        // Copied before the serialization: a change between the two is detected as a difference, and the cultures are serialized again.
        private readonly CultureFormats _formats = new(pair.Culture);
        private readonly CultureFormats? _uiFormats = ReferenceEquals(pair.Culture, pair.UICulture) ? null : new(pair.UICulture);

        public required PackedRecord Record { get; init; }

        public bool IsOf(in CulturePair pair) =>
            pair.IsSame(_pair) && _formats.AreThoseOf(pair.Culture) && (_uiFormats is null || _uiFormats.AreThoseOf(pair.UICulture));
    }
}
