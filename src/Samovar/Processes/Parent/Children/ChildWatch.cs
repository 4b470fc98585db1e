using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent.Children;

/// <summary>All children of this process, and the one thread that waits for what they say and for their ends.</summary>
/// <remarks>
/// <list type="number">
/// <item>Made with the first child, and there until this process ends.</item>
/// <item>Its thread keeps the process alive exactly while there is a child that is no daemon, as a foreground thread would.</item>
/// <item>At an orderly end of the process (<see cref="OrderlyEnd"/>) every child that is left is asked to end, and killed where it does not; at any other end
/// the kernel kills them, see <see cref="LinuxLifeline"/>.</item>
/// </list>
/// </remarks>
internal sealed class ChildWatch
{
    /// <summary>Bounds the sleep: against a child that was stopped just before it would have rung, and for starts that take too long.</summary>
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(1);

    /// <summary>How long children may take to end when this process does.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(2);

    private static readonly Lock s_gate = new();
    private static ChildWatch? s_instance;
    private static int s_started;

    private readonly Lock _gate = new();
    private readonly ParentBell _bell;
    private readonly WorkerLauncher _launcher;
    private readonly Thread _thread;
    private ChildLink[] _links = []; // replaced under the gate, read by anybody
    private int _ending; // gate: children that are gone, and no daemons, of which the last lines and reports are handed on

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
        Current is { } watch ? [.. Volatile.Read(ref watch._links).Select(link => link.Child).OfType<ChildProcess>().Where(child => child.IsAlive)] : [];

    private static ChildWatch? Current
    {
        get
        {
            lock (s_gate) return s_instance;
        }
    }

    /// <summary>Starts a child; its <see cref="ChildLink.Child"/> is the caller's to set.</summary>
    public static ChildLink Start(ShippableWork work, ChildProcessOptions options)
    {
        WorkerRuntime.ThrowIfInitializing();
        ProcessWorker.ThrowIfUnprepared();
        int number = Interlocked.Increment(ref s_started);
        string name = options.Name ?? $"{nameof(ChildProcess)}-{number}";
        var writer = new ShippingWriter(ShippingOptions.OfWork);
        var cultures = new SentCultures(writer);
        var flowing = cultures.Of(CulturePair.Flowing);
        var ports = new ChildPorts(writer);
        using var body = writer.Prepare(work.Work, ports);
        var lines = new WorkerLines(
            options.Worker, number, name, captures: options.Output == WorkerOutput.Capture, LineDelivery.For(options.Worker, name),
            error => TellOnConsole(name, $"A receiver of its output has failed: {error}"));
        ChildWatch watch;
        WorkerConnection connection;
        try
        {
            watch = Made();
            connection = watch._launcher.Launch(options.Worker.StartOf(typeof(ChildBody)) with { Output = lines.Receive, Backlog = lines.Backlog });
        }
        catch
        {
            ports.Close();
            throw;
        }

        lines.ProcessId = connection.Process.Id;
        var link = new ChildLink(new WorkerLink(number, name, connection) { Memory = MemoryGuard.Of(options.HardMemoryLimit) }, lines, options.IsDaemon, writer, ports);
        try
        {
            link.Send(body, work, cultures.Setup, flowing);
        }
        catch
        {
            link.Kill(); // there is no room for the function: the watch takes away what is left
            throw;
        }
        finally
        {
            watch.Add(link);
        }

        return link;
    }

    /// <summary>Blocks until no child is left that is no daemon.</summary>
    public static void AwaitAll()
    {
        if (Current is not { } watch) return;
        foreach (var link in Volatile.Read(ref watch._links))
        {
            if (!link.IsDaemon) ((IAsyncResult)link.Released).AsyncWaitHandle.WaitOne();
        }
    }

    /// <summary>A child has no executor whose event could report an error of its receiver.</summary>
    private static void TellOnConsole(string name, string text) => LineDelivery.Console.Add(() =>
    {
        try
        {
            Console.Error.WriteLine($"[{name}] {text}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is no stderr; the child's own outcome is not touched by that.
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

    private void Add(ChildLink link)
    {
        lock (_gate)
        {
            Volatile.Write(ref _links, [.. _links, link]);
            KeepAliveUnderGate();
        }

        _bell.Interrupt();
    }

    private void Remove(ChildLink link)
    {
        lock (_gate)
        {
            Volatile.Write(ref _links, [.. _links.Where(other => other != link)]);
            if (!link.IsDaemon && !link.Released.IsCompleted)
            {
                _ending++;
                _ = link.Released.ContinueWith(_ => HasEnded(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            KeepAliveUnderGate();
        }
    }

    private void HasEnded()
    {
        lock (_gate)
        {
            _ending--;
            KeepAliveUnderGate();
        }
    }

    private void KeepAliveUnderGate()
    {
        bool isBackground = _ending == 0 && Array.TrueForAll(_links, link => link.IsDaemon);
        if (_thread.IsBackground != isBackground) _thread.IsBackground = isBackground;
    }

    private void Run()
    {
        Func<bool> hasNews = HasNews;
        while (true)
        {
            var links = Volatile.Read(ref _links);
            foreach (var link in links)
            {
                if (link.Serve()) Remove(link);
            }

            _bell.Sleeper.Wait(hasNews, links.Length == 0 ? Timeout.InfiniteTimeSpan : Array.Exists(links, static link => link.HasMemoryLimit) ? MemoryGuard.Interval : s_longestSleep);
        }
    }

    private bool HasNews()
    {
        foreach (var link in Volatile.Read(ref _links))
        {
            if (link.HasMessage || link.Process.Exit is not null) return true;
        }

        return false;
    }

    private void EndAll()
    {
        var links = Volatile.Read(ref _links);
        foreach (var link in links) link.Terminate();
        var patience = s_endPatience;
        foreach (var link in links)
        {
            if (((IAsyncResult)link.Ended).AsyncWaitHandle.WaitOne(patience)) continue;
            patience = TimeSpan.Zero;
            link.Kill();
        }
    }
}
