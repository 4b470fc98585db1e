using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Platform;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent.Children;

/// <summary>All children of this process, and the one thread that waits for their messages and exits.</summary>
/// <remarks>
/// <list type="number">
/// <item>Created with the first child; it exists until this process exits.</item>
/// <item>Its thread keeps the process alive exactly while there is a child that is not a background child, like a foreground thread.</item>
/// <item>At an orderly exit of the process (<see cref="OrderlyEnd"/>) every remaining child is requested to exit, and killed if it does not; at any
/// other exit the kernel kills the children, see <see cref="LinuxLifeline"/>.</item>
/// </list>
/// </remarks>
internal sealed class ChildWatch
{
    /// <summary>The longest sleep, in case a child was stopped just before it would have rung the bell, and to detect starts that take too
    /// long.</summary>
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(1);

    /// <summary>How long children may take to exit when this process exits.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(2);

    private static readonly Lock s_gate = new();
    private static ChildWatch? s_instance;
    private static int s_started;

    private readonly Lock _gate = new();
    private readonly ParentBell _bell;
    private readonly WorkerLauncher _launcher;
    private readonly Thread _thread;
    private ChildHandle[] _handles = []; // replaced under the gate, read by any thread
    private int _ending; // gate: exited foreground children whose last lines and messages are being delivered

    private ChildWatch()
    {
        _bell = new ParentBell(ChannelPlatform.Current);
        _launcher = new WorkerLauncher(_bell);
        _thread = new Thread(Run) { IsBackground = true, Name = "Samovar child watch" };
        try
        {
            LibraryThread.Start(_thread);
        }
        catch
        {
            _bell.Dispose();
            throw;
        }

        OrderlyEnd.Do(EndAll);
    }

    public static IReadOnlyList<ChildProcess> Active =>
        Current is { } watch ? [.. Volatile.Read(ref watch._handles).Select(handle => handle.Child).OfType<ChildProcess>().Where(child => child.IsAlive)] : [];

    private static ChildWatch? Current
    {
        get
        {
            lock (s_gate) return s_instance;
        }
    }

    /// <summary>Starts a child; the caller sets <see cref="ChildHandle.Child"/>.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildHandle Start(ShippableWork work, ChildProcessOptions options)
    {
        CurrentWorker.ThrowIfInitializing();
        WholeProgram.Require(); // first: a program compiled ahead of time would be advised to call RunIfWorker, which does not help it
        ProcessWorker.ThrowIfUnprepared();
        int number = Interlocked.Increment(ref s_started);
        string name = options.Name ?? $"{nameof(ChildProcess)}-{number}";
        var writer = new ShippingWriter(ShippingOptions.OfWork);
        var cultures = new SentCultures(writer);
        var flowing = cultures.Of(CulturePair.Flowing);
        var ports = new LivePorts(writer, takesCalls: true);
        using var body = writer.Prepare(work.Work, ports);
        var lines = new WorkerOutputReader(
            options.Worker, number, name, captures: options.Output == WorkerOutput.Capture, LineDelivery.For(options.Worker, name),
            error => TellOnConsole(name, $"The receiver of its output threw an exception: {error}"));
        ChildWatch watch;
        WorkerChannelSetup setup;
        try
        {
            watch = Made();
            setup = watch._launcher.Launch(options.Worker.StartOfChild() with { Output = lines.Receive, Backlog = lines.Backlog });
        }
        catch
        {
            ports.Close();
            throw;
        }

        lines.ProcessId = setup.Process.Id;
        var handle = new ChildHandle(new WorkerHandle(number, name, setup) { Memory = MemoryGuard.Of(options.HardMemoryLimit) }, lines, options.IsBackground, writer, ports);
        try
        {
            handle.Send(body, work, cultures.Setup, flowing);
        }
        catch
        {
            handle.Kill(); // there is no memory for the function: the watch removes the child
            throw;
        }
        finally
        {
            watch.Add(handle);
        }

        return handle;
    }

    /// <summary>Blocks until only background children are left.</summary>
    public static void AwaitAll()
    {
        if (Current is not { } watch) return;
        foreach (var handle in Volatile.Read(ref watch._handles))
        {
            if (!handle.IsBackground) ((IAsyncResult)handle.Released).AsyncWaitHandle.WaitOne();
        }
    }

    /// <summary>Writes an error of the receiver to the console: a child has no executor whose event could report it.</summary>
    private static void TellOnConsole(string name, string text) => LineDelivery.Console.Add(() =>
    {
        try
        {
            Console.Error.WriteLine($"[{name}] {text}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is no stderr. This does not affect the outcome of the child.
        }
    });

    private static ChildWatch Made()
    {
        try
        {
            lock (s_gate) return s_instance ??= new ChildWatch();
        }
        catch (IOException error)
        {
            throw new WorkerStartException($"A child process could not be started: {error.Message}", error);
        }
    }

    private void Add(ChildHandle handle)
    {
        lock (_gate)
        {
            Volatile.Write(ref _handles, [.. _handles, handle]);
            KeepAliveLocked();
            CheckInvariantsLocked();
        }

        _bell.Interrupt();
    }

    private void Remove(ChildHandle handle)
    {
        lock (_gate)
        {
            Volatile.Write(ref _handles, [.. _handles.Where(other => other != handle)]);
            if (!handle.IsBackground && !handle.Released.IsCompleted)
            {
                _ending++;
                _ = handle.Released.ContinueWith(_ => HasEnded(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            KeepAliveLocked();
            CheckInvariantsLocked();
        }
    }

    private void HasEnded()
    {
        lock (_gate)
        {
            _ending--;
            KeepAliveLocked();
            CheckInvariantsLocked();
        }
    }

    private void KeepAliveLocked()
    {
        bool isBackground = _ending == 0 && Array.TrueForAll(_handles, handle => handle.IsBackground);
        if (_thread.IsBackground != isBackground) _thread.IsBackground = isBackground;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_ending >= 0, "only the delivery for exited children is counted");
        Debug.Assert(_thread.IsBackground || _ending > 0 || _handles.Length > 0, "a process without children is not kept alive");
    }

    private void Run()
    {
        Func<bool> hasNews = HasNews;
        while (true)
        {
            var handles = Volatile.Read(ref _handles);
            foreach (var handle in handles)
            {
                if (handle.Serve()) Remove(handle);
            }

            _bell.Sleeper.Wait(hasNews, handles.Length == 0 ? Timeout.InfiniteTimeSpan : Array.Exists(handles, static handle => handle.HasMemoryLimit) ? MemoryGuard.Interval : s_longestSleep);
        }
    }

    private bool HasNews()
    {
        foreach (var handle in Volatile.Read(ref _handles))
        {
            if (handle.HasMessage || handle.Process.Exit is not null) return true;
        }

        return false;
    }

    private void EndAll()
    {
        var handles = Volatile.Read(ref _handles);
        foreach (var handle in handles) handle.Terminate();
        var patience = s_endPatience;
        foreach (var handle in handles)
        {
            if (((IAsyncResult)handle.Ended).AsyncWaitHandle.WaitOne(patience)) continue;
            patience = TimeSpan.Zero;
            handle.Kill();
        }
    }
}
