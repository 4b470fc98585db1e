using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>Starts a program with posix_spawn, which does not copy the memory of this process: several times as fast as
/// <see cref="System.Diagnostics.Process"/>.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxSpawn
{
    private const int OpaqueSize = 1024; // larger than the types of glibc and musl on every architecture
    private const int SignalSetSize = 128;
    private const int MalformedProgram = 8; // ENOEXEC
    private const int Denied = 13; // EACCES
    private const int Missing = 2; // ENOENT
    private const int NotFolder = 20; // ENOTDIR
    private const int TooLong = 7; // E2BIG

    // The environment of this process as it was started, with any bytes.
    private static readonly byte*** s_environment = FindEnvironment();

    /// <summary>Starts a program in a process group of its own.</summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="words">Its name and arguments.</param>
    /// <param name="input">The descriptor that becomes stdin.</param>
    /// <param name="output">The descriptor that becomes stdout.</param>
    /// <param name="errors">The descriptor that becomes stderr.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="CommandStartException">It cannot be started.</exception>
    public static int Start(string program, IReadOnlyList<string> words, int input, int output, int errors)
    {
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* noSignals = stackalloc byte[SignalSetSize];
        byte* brokenPipe = stackalloc byte[SignalSetSize];
        new Span<byte>(noSignals, SignalSetSize).Clear();
        new Span<byte>(brokenPipe, SignalSetSize).Clear();
        brokenPipe[1] = 1 << (13 - 9); // SIGPIPE, 13: bit 12. The runtime ignores it, and exec would preserve that

        using var strings = new NativeStrings();
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            _ = posix_spawn_file_actions_adddup2(actions, input, 0);
            _ = posix_spawn_file_actions_adddup2(actions, output, 1);
            _ = posix_spawn_file_actions_adddup2(actions, errors, 2);
            _ = posix_spawnattr_setflags(attributes, SpawnSetGroup | SpawnSetSignalMask | SpawnSetSignalDefault);
            _ = posix_spawnattr_setpgroup(attributes, 0);
            _ = posix_spawnattr_setsigmask(attributes, noSignals);
            _ = posix_spawnattr_setsigdefault(attributes, brokenPipe);

            int processId;
            int error = posix_spawn(&processId, strings.Add(program), actions, attributes, strings.AddArray(words), *s_environment);
            if (error == MalformedProgram) // a script without a first line that names its interpreter: the shell runs it, as execvp does
                error = posix_spawn(&processId, strings.Add(CommandTemplate.ShellPath), actions, attributes, strings.AddArray([CommandTemplate.ShellPath, program, .. words.Skip(1)]), *s_environment);
            return error == 0 ? processId : throw Failure(program, words, error);
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static CommandStartException Failure(string program, IReadOnlyList<string> words, int error) => error switch
    {
        Missing when File.Exists(program) => new($"the interpreter that the first line of {program} names does not exist", cannotRun: true),
        Missing or NotFolder => new($"there is no program {program}", cannotRun: true),
        Denied => new($"{program} may not be executed: it lacks the permission", cannotRun: true),
        TooLong => new(Invariant($"its arguments are too long for the system: {words.Sum(w => (long)w.Length):N0} characters, and Linux limits one argument to 128 KiB. Pass the text in a file"), cannotRun: false),
        _ => new(Invariant($"{program} could not be started: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}). Limits on processes (ulimit -u, pids.max) and memory are possible causes"), cannotRun: false),
    };

    private static string Invariant(FormattableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static byte*** FindEnvironment()
    {
        foreach (string name in (string[])["libc", "libc.so.6"])
        {
            if (NativeLibrary.TryLoad(name, typeof(LinuxProcessCalls).Assembly, null, out nint library) && NativeLibrary.TryGetExport(library, "environ", out nint environment))
                return (byte***)environment;
        }

        throw new PlatformNotSupportedException("The C library has no 'environ'. Set SAMOVAR_CHANNEL=portable.");
    }
}
