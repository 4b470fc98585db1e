using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
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

/// <summary>Runs a worker from its entry point to its exit.</summary>
/// <remarks>
/// 1. Open the channel. 2. Bind the lifetime of this process and its group to the parent. 3. Read the parent's first message. 4. Check builds, load
/// the program. 5. Report that the worker is ready. 6. Run the program. 7. Wait until the parent has opened large results. A failure in steps 3 and
/// 4 is reported through the channel; before that, through stderr and the exit code.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class WorkerRuntime
{
    /// <summary>The exit code of a worker that cannot start; the parent's error contains its stderr.</summary>
    public const int CannotStart = 70;

    /// <summary>See <see cref="CurrentWorker.ThrowIfInitializing"/>.</summary>
    /// <exception cref="WorkerStartException">The thread is running an initializer or reading a task.</exception>
    private static void ThrowIfInitializing()
    {
        if (InitializerIn(new StackTrace().GetFrames().Select(static frame => frame.GetMethod())) is not { } place) return;
        throw new WorkerStartException(
            $"In worker process {Environment.ProcessId} {place} starts workers. Each of them would run it again and start as many workers. " +
            "Start them from the program's Main, from a task, or where they are first used.");
    }

    /// <summary>Describes the initializer that a thread runs; null if it runs none.</summary>
    /// <param name="stack">The methods on its stack, the innermost first.</param>
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

    // User code that the deserialization of a task calls, and that may start workers like the task itself. Messages that a task reads, for example
    // from a queue, are not considered.
    private static bool IsCodecOrComparer(MethodBase? method) =>
        method?.DeclaringType == typeof(CodecBytes)
        || (method is { IsStatic: false, Name: { } name } && name[(name.LastIndexOf('.') + 1)..] is "GetHashCode" or "Equals" or "Compare" or "CompareTo");

    // Optimized code omits the frame of an initializer if its call is the last statement. The initializer of a module is then recognized by the
    // method that it calls; that of a type by the runtime's frame that called it; any initializer of a type that a task refers to by the
    // deserialization of the task, whose frame stays (TaskReading). Precompiled code has no such frame of the runtime: there the limit of the
    // nesting depth applies.
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
            return false; // the assembly of another attribute is missing: the module's initializer, which calls this method, is still recognized
        }
    }

    /// <summary>Runs as a worker until the program returns.</summary>
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
            Console.Error.WriteLine($"A Samovar worker cannot open the channel to its parent process {where.ParentId}: {e.Message}");
            return CannotStart;
        }

        channel.StartStep = (int)WorkerStartStep.ChannelOpened;
        if (!ProcessPlatform.For(where.Kind).DieWith(where.ParentId, invitation.Lifeline, channel))
            return CannotStart; // the parent is gone: no process to report to

        channel.StartStep = (int)WorkerStartStep.ParentWatched;
        WriteUtf8();
        WorkerProgram body;
        try
        {
            body = Prepare(channel);
        }
        catch (Exception e)
        {
            // Reported to the parent.
            var failed = new WorkerFailed((WorkerStartStep)channel.StartStep, e.ToString());
            channel.Results.TryWrite(failed.ToBytes(channel.Results.LargestPayload), Handshake.FailedTag);
            channel.ParentBell.Ring();
            return CannotStart;
        }

        channel.StartStep = (int)WorkerStartStep.Ready;
        var ready = new WorkerReady(channel.Cookie, ModuleId.Samovar, Environment.ProcessId, Environment.Version.ToString());
        channel.Results.TryWrite(ready.ToBytes(), Handshake.ReadyTag);
        channel.ParentBell.Ring();

        // After the report, because the first registration takes time. The parent decides about an interrupt; it reaches this process only if a
        // process sends it here, because the group does not belong to the terminal.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        WaitForDebugger();
        int exitCode = body.Run(channel);
        channel.ParentBell.Ring(); // for its last records
        WaitUntilTaken(channel);
        return exitCode;
    }

    // The parent reads the output of this process as UTF-8, whatever the locale. The encoding is changed only for a locale with a different one:
    // querying the console for its encoding takes time at each start.
    private static void WriteUtf8()
    {
        if (OperatingSystem.IsWindows()) return;
        string?[] variables = [Environment.GetEnvironmentVariable("LC_ALL"), Environment.GetEnvironmentVariable("LC_MESSAGES"), Environment.GetEnvironmentVariable("LANG")];
        if (Array.Find(variables, v => !string.IsNullOrEmpty(v)) is { } locale && locale.Contains('.', StringComparison.Ordinal))
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    }

    // A large message is in this process's memory until the parent has opened it. The parent kills this process if it does not need the message.
    private static void WaitUntilTaken(WorkerChannel channel)
    {
        Func<bool> taken = () =>
        {
            channel.LargeResults.Reclaim();
            return channel.LargeResults.Unread == 0;
        };
        while (!taken()) channel.Bell.Wait(taken, TimeSpan.FromMilliseconds(10)); // the parent does not ring for it
    }

    private static WorkerProgram Prepare(WorkerChannel channel)
    {
        if (!channel.Work.TryRead(out RingMessage message) || message.Tag != Handshake.HelloTag)
            throw new ChannelCorruptedException("The handshake is missing: the parent's first message is not a hello.");

        WorkerHello hello;
        using (var record = channel.Open(message)) hello = WorkerHello.Read(record.Bytes);
        channel.Work.Release();
        if (!hello.Cookie.Matches(channel.Cookie)) throw new ChannelCorruptedException("The handshake is for another worker: its cookie does not match.");
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
        Environment.CurrentDirectory = hello.WorkingDirectory; // set without reading it first: the inherited directory of the parent may have been deleted
        ResolveAsTheParentDoes(hello);
        foreach (ModuleId module in hello.Modules) module.Load();

        Type type = hello.ProgramModule.Load().ResolveType(hello.ProgramToken);
        var body = (WorkerProgram)Activator.CreateInstance(type)!;
        channel.StartStep = (int)WorkerStartStep.ProgramLoaded;
        return body;
    }

    // Called only for assemblies that this process's own deps file does not contain.
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
        while (!Debugger.IsAttached) never.WaitOne(TimeSpan.FromMilliseconds(100)); // there is no event for an attaching debugger
    }
}
