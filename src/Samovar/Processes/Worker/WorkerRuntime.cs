using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization.Definitions;
using Samovar.Serialization.Plans;

namespace Samovar.Processes.Worker;

/// <summary>A worker's life from its entry point to its end.</summary>
/// <remarks>
/// 1. Open the channel. 2. Bind this process and its group to the parent's life. 3. Read the hello. 4. Check builds, load the
/// body.
/// 5. Answer. 6. Run the body. 7. Wait until the parent has taken large results. A failure in 3 and 4 is told through the
/// channel; before that, by stderr and the exit code.
/// </remarks>
internal static class WorkerRuntime
{
    /// <summary>Exit code where a worker cannot start: what it says on stderr is in the parent's error.</summary>
    public const int CannotStart = 70;

    /// <summary>See <see cref="CurrentWorker.ThrowIfInitializing"/>.</summary>
    /// <exception cref="WorkerStartException">This is such a thread.</exception>
    private static void ThrowIfInitializing()
    {
        if (InitializerIn(new StackTrace().GetFrames().Select(static frame => frame.GetMethod())) is not { } place) return;
        throw new WorkerStartException(
            $"In worker process {Environment.ProcessId} {place} starts workers. Each of them would run it again and start as many. " +
            "Start them from the program's Main, from a task, or where they are first used.");
    }

    /// <summary>The initializer that a thread runs, in words; null where it runs none.</summary>
    /// <param name="stack">The methods of its stack, the innermost first.</param>
    internal static string? InitializerIn(IEnumerable<MethodBase?> stack)
    {
        bool isCalledByReader = false;
        foreach (var method in stack)
        {
            if (PlaceOf(method) is { } place) return place;
            if (IsCodecOrComparer(method)) isCalledByReader = true;
            else if (method?.DeclaringType == typeof(TaskReading) && !isCalledByReader) return "an initializer that runs while a task is read";
        }

        return null;
    }

    // What the reading of a task calls of the user's and may start workers as the task may. Messages that a task itself reads, from a queue say, are not looked at.
    private static bool IsCodecOrComparer(MethodBase? method) =>
        method?.DeclaringType == typeof(CodecBytes)
        || (method is { IsStatic: false, Name: { } name } && name[(name.LastIndexOf('.') + 1)..] is "GetHashCode" or "Equals" or "Compare" or "CompareTo");

    // Optimized code leaves the frame of an initializer out where the call in it is its last act. A module's is then known by the method that
    // it calls; a type's by the runtime's frame that called it; any initializer of what a task refers to by the reading of the task, whose frame
    // stays (TaskReading). Code compiled before it runs has no such frame of the runtime: there the depth ends it.
    private static string? PlaceOf(MethodBase? method) => method switch
    {
        { IsStatic: true, Name: ".cctor", DeclaringType: { Name: not "<Module>" } type } => $"the type initializer of {type.FullName}",
        { IsStatic: true, Name: ".cctor" } => $"the module initializer of {method.Module.Assembly.GetName().Name}",
        { IsStatic: true } when IsModuleInitializer(method) =>
            $"the module initializer of {method.Module.Assembly.GetName().Name}",
        { DeclaringType: { Name: "InitHelpers", Namespace: "System.Runtime.CompilerServices" } } => "a type initializer",
        _ => null,
    };

    private static bool IsModuleInitializer(MethodBase method)
    {
        try
        {
            return method.IsDefined(typeof(ModuleInitializerAttribute), inherit: false);
        }
        catch (Exception e) when (e is IOException or TypeLoadException or BadImageFormatException)
        {
            return false; // the assembly of another attribute is missing: the module's own initializer, which calls this one, is still looked for
        }
    }

    /// <summary>Runs as a worker until the body returns.</summary>
    public static int Run(WorkerInvitation invitation)
    {
        CurrentWorker.Enter(ThrowIfInitializing);
        OrderlyEnd.LeaveSignals();
        Environment.SetEnvironmentVariable(WorkerInvitation.Variable, null);
        ChannelInvitation where = invitation.Channel;
        CurrentWorker.SetParent(where.ParentId);
        ChannelPlatform platform = where.Kind == ChannelKind.Portable
            ? new PortableChannelPlatform(where.Directory)
            : ChannelPlatform.Create(where.Kind);
        WorkerChannel channel;
        try
        {
            channel = WorkerChannel.Open(platform, where);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"A Samovar worker cannot reach its parent {where.ParentId}: {e.Message}");
            return CannotStart;
        }

        channel.StartStep = (int)WorkerStartStep.ChannelOpened;
        if (!ProcessPlatform.For(where.Kind).DieWith(where.ParentId, invitation.Lifeline, channel))
            return CannotStart; // the parent is gone: nobody to tell

        channel.StartStep = (int)WorkerStartStep.ParentWatched;
        WriteUtf8();
        WorkerProgram body;
        try
        {
            body = Prepare(channel);
        }
        catch (Exception e)
        {
            // Recorded where the parent sees it.
            var failed = new WorkerFailed((WorkerStartStep)channel.StartStep, e.ToString());
            channel.Results.TryWrite(failed.ToBytes(channel.Results.LargestPayload), Handshake.FailedTag);
            channel.ParentBell.Ring();
            return CannotStart;
        }

        channel.StartStep = (int)WorkerStartStep.Ready;
        var ready = new WorkerReady(channel.Cookie, ModuleId.Samovar, Environment.ProcessId, Environment.Version.ToString());
        channel.Results.TryWrite(ready.ToBytes(), Handshake.ReadyTag);
        channel.ParentBell.Ring();

        // After the answer, since the first registration costs time. An interrupt is the parent's to decide about; it reaches
        // this process only if somebody sends it here, for the group is not the terminal's.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        WaitForDebugger();
        int exitCode = body.Run(channel);
        channel.ParentBell.Ring(); // for what it wrote last
        WaitUntilTaken(channel);
        return exitCode;
    }

    // The parent reads what this process writes as UTF-8, whatever the locale. Only a locale of another encoding is changed for it: asking
    // the console for its encoding costs time at each start.
    private static void WriteUtf8()
    {
        if (OperatingSystem.IsWindows()) return;
        string?[] variables = [Environment.GetEnvironmentVariable("LC_ALL"), Environment.GetEnvironmentVariable("LC_MESSAGES"), Environment.GetEnvironmentVariable("LANG")];
        if (Array.Find(variables, v => !string.IsNullOrEmpty(v)) is { } locale && locale.Contains('.', StringComparison.Ordinal))
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    }

    // A large message lies in this process's memory until the parent has opened it. The parent ends this process if it wants
    // none.
    private static void WaitUntilTaken(WorkerChannel channel)
    {
        Func<bool> taken = () =>
        {
            channel.LargeResults.Reclaim();
            return channel.LargeResults.Unread == 0;
        };
        while (!taken()) channel.Bell.Wait(taken, TimeSpan.FromMilliseconds(10)); // nobody rings for it
    }

    private static WorkerProgram Prepare(WorkerChannel channel)
    {
        if (!channel.Work.TryRead(out RingMessage message) || message.Tag != Handshake.HelloTag)
            throw new ChannelCorruptedException("The parent has said no hello.");

        WorkerHello hello;
        using (var record = channel.Open(message)) hello = WorkerHello.Read(record.Bytes);
        channel.Work.Release();
        if (!hello.Cookie.Matches(channel.Cookie)) throw new ChannelCorruptedException("The hello is another worker's.");
        if (hello.Library != ModuleId.Samovar)
        {
            throw new WorkerStartException(
                $"Samovar was rebuilt while its program runs: the program has {hello.Library}, this worker {ModuleId.Samovar}. Restart the program.");
        }

        CurrentWorker.SetDepth(hello.Depth);
        channel.StartStep = (int)WorkerStartStep.HelloRead;
        foreach (string variable in hello.Variables)
        {
            int name = variable.IndexOf('=', 1);
            Environment.SetEnvironmentVariable(name < 0 ? variable : variable[..name], name < 0 ? null : variable[(name + 1)..]);
        }

        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", hello.BaseDirectory);
        Environment.CurrentDirectory = hello.WorkingDirectory; // not asked for first: the parent's, inherited until here, may be deleted
        ResolveAsTheParentDoes(hello);
        foreach (ModuleId module in hello.Modules) module.Load();

        Type type = hello.ProgramModule.Load().ResolveType(hello.ProgramToken);
        var body = (WorkerProgram)Activator.CreateInstance(type)!;
        channel.StartStep = (int)WorkerStartStep.ProgramLoaded;
        return body;
    }

    // Asked only for what this process's own deps file does not have.
    private static void ResolveAsTheParentDoes(WorkerHello hello)
    {
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string path in hello.Assemblies) paths.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        BuildVerifier.Trust(paths.Keys);

        AssemblyLoadContext.Default.Resolving += (context, name) =>
            name.Name is { } simple && paths.TryGetValue(simple, out string? path) && File.Exists(path)
                ? context.LoadFromAssemblyPath(path)
                : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
        {
            foreach (string directory in hello.NativeDirectories)
            {
                foreach (string file in (string[])[name, $"lib{name}.so", $"{name}.so", $"lib{name}.dylib", $"{name}.dll"])
                {
                    if (NativeLibrary.TryLoad(Path.Combine(directory, file), out nint library)) return library;
                }
            }

            return 0;
        };
    }

    private static void WaitForDebugger()
    {
        if (Environment.GetEnvironmentVariable(WorkerEnvironment.WaitForDebugger) != "1") return;

        Console.Error.WriteLine($"Samovar worker {Environment.ProcessId} waits for a debugger.");
        using var never = new ManualResetEvent(initialState: false);
        while (!Debugger.IsAttached) never.WaitOne(TimeSpan.FromMilliseconds(100)); // nothing tells when one attaches
    }
}
