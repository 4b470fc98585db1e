using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>Starts workers that ring the same bell. Thread-safe.</summary>
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
internal sealed class WorkerLauncher
{
    private const int TooManyFiles = 24; // EMFILE, as in the exceptions of the framework

    private readonly ParentBell _bell;
    private readonly ProcessPlatform _platform;
    private readonly Lazy<HostFiles> _host;
    private readonly Lazy<LoadPaths> _paths;

    /// <param name="bell">The bell that all workers started here ring.</param>
    /// <param name="host">The program to start; null to derive it from how this process was started.</param>
    /// <param name="runtimeConfiguration">The runtime configuration of the workers; null for this program's.</param>
    /// <param name="program">The program of the workers; null for this program.</param>
    public WorkerLauncher(ParentBell bell, HostFiles? host = null, string? runtimeConfiguration = null, WorkerProgramFiles? program = null)
    {
        ProcessWorker.ThrowIfNotWorkerEntryPoint();
        _bell = bell;
        _platform = ProcessPlatform.For(bell.Platform.Kind);
        _host = new Lazy<HostFiles>(
            () => host ?? (program is null ? HostFiles.Find(HostFacts.Gather(_platform), runtimeConfiguration) : HostFiles.Of(HostFacts.Gather(_platform), program)),
            LazyThreadSafetyMode.PublicationOnly);
        _paths = new Lazy<LoadPaths>(() => program is null ? PathsOfThisProgram() : new LoadPaths(program.BaseDirectory, program.Assemblies, program.NativeDirectories));
    }

    /// <summary>Starts a worker; completes when the process exists, usually after about a millisecond, not when it is ready.</summary>
    /// <param name="options">The options of the worker.</param>
    /// <exception cref="WorkerStartException">There is no dotnet to start it with, or the system refused; the message contains the
    /// reason.</exception>
    public Task<WorkerChannelSetup> LaunchAsync(WorkerStartOptions options) => LaunchAsync(options, isWaiting: false);

    /// <summary>Like <see cref="LaunchAsync(WorkerStartOptions)"/>, for a caller that blocks; needs no thread of the pool.</summary>
    /// <inheritdoc cref="LaunchAsync(WorkerStartOptions)"/>
    public WorkerChannelSetup Launch(WorkerStartOptions options) => LaunchAsync(options, isWaiting: true).GetAwaiter().GetResult();

    private async Task<WorkerChannelSetup> LaunchAsync(WorkerStartOptions options, bool isWaiting)
    {
        options.Validate();
        HotReload.WorkerStarts();
        if (CurrentWorker.Depth >= CurrentWorker.MostDepth)
        {
            throw new WorkerStartException(
                $"Process {Environment.ProcessId} is a worker {CurrentWorker.Depth} deep, and workers start workers at most {CurrentWorker.MostDepth} deep. " +
                "If this is not intended, the program starts workers in the initializer of a type or a module: start them from the program's Main.");
        }

        ParentChannel? channel = null;
        try
        {
            HostFiles host = _host.Value;
            channel = new ParentChannel(_bell, options.Channel);
            var inherited = options.Inherited ?? Environment.GetEnvironmentVariables();
            string invitation = new WorkerInvitation(_platform.Lifeline, channel.Invitation).ToString();
            var environment = WorkerEnvironment.Build(options, invitation, inherited);
            SayHello(channel, options, WorkerEnvironment.PutBack(options, environment, inherited));
            var setup = new WorkerChannelSetup(channel, options);
            var spec = new ProcessStartSpec
            {
                FileName = host.FileName,
                Arguments = host.Arguments,
                Environment = environment,
                Niceness = options.Niceness,
                ProcessorAffinity = options.ProcessorAffinity,
                Output = options.Output,
                Backlog = options.Backlog,
                Ended = _ => _bell.Interrupt(),
            };
            var starting = ProcessSpawner.Instance.StartAsync(() => _platform.Start(spec));
            if (isWaiting) ((IAsyncResult)starting).AsyncWaitHandle.WaitOne();
            setup.Attach(await starting.ConfigureAwait(false), host);
            return setup;
        }
        catch (IOException e)
        {
            channel?.Dispose();
            string remedy = e.HResult == TooManyFiles
                ? " This process has no file descriptor left: raise its limit (ulimit -n), or use fewer workers."
                : "";
            throw new WorkerStartException($"A worker process could not be started: {e.Message}{remedy}", e);
        }
        catch
        {
            channel?.Dispose();
            throw;
        }
    }

    private void SayHello(ParentChannel channel, WorkerStartOptions options, string[] variables)
    {
        byte[] hello = new WorkerHello
        {
            Cookie = channel.Cookie,
            Library = ModuleId.Samovar,
            ProgramModule = ModuleId.Of(options.Program.Module),
            ProgramToken = options.Program.MetadataToken,
            Modules = options.Modules,
            BaseDirectory = _paths.Value.BaseDirectory,
            WorkingDirectory = options.WorkingDirectory is { } directory ? Path.GetFullPath(directory) : WorkerStartOptions.CurrentDirectory(),
            Assemblies = _paths.Value.Assemblies,
            NativeDirectories = _paths.Value.NativeDirectories,
            Depth = CurrentWorker.Depth + 1,
            Variables = variables,
        }.ToBytes();

        channel.TryWrite(hello, Handshake.HelloTag); // an empty ring has room for the record
    }

    // Assemblies of the runtime are left out: the worker has them.
    private static LoadPaths PathsOfThisProgram()
    {
        string? framework = Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location));
        return new LoadPaths(
            AppContext.BaseDirectory,
            [.. Split("TRUSTED_PLATFORM_ASSEMBLIES").Where(p => framework is null || !p.StartsWith(framework, StringComparison.Ordinal))],
            [.. Split("NATIVE_DLL_SEARCH_DIRECTORIES")]);

        static string[] Split(string name) =>
            (AppContext.GetData(name) as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed record LoadPaths(string BaseDirectory, string[] Assemblies, string[] NativeDirectories);
}
