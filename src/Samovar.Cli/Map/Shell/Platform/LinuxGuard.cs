using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Cli.Map.Shell.Platform;

// How commands die with the tool, even if it is killed by SIGKILL.
//
// A command is any program, so it runs none of our code that could request a signal for the tool's death (PR_SET_PDEATHSIG is cleared by fork, and a
// program in between would cost each item a second exec). Instead the tool marks itself before the first command (LinuxProcessMark): all that it starts
// from then on inherits the mark, without a moment in which it lacks it. A shell that was started before waits at a pipe of which only the tool has the
// write end. If the tool exits without a word, the shell kills all processes of the tool's session with the mark.
//
// In a worker of a cluster's node the mark is that of the node's pool, so that the pool finds commands too.
//
// Not covered: a process that has moved to a session of its own, and a tool and a guard that are killed at the same moment.

/// <summary>A process that kills the commands of a tool that was killed.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxGuard
{
    private const int LimitOfLocks = 10; // RLIMIT_LOCKS, on all architectures
    private const ulong SmallestMark = 1UL << 40;

    // $1: the mark, $2: the session, $3: this process's own id is $$. /proc/<pid>/stat has the session in the fourth field after the name.
    private const string Script =
        """
        trap '' HUP INT QUIT TERM
        if read -r word; then exit 0; fi
        for round in 1 2 3; do
          for process in /proc/[0-9]*; do
            while read -r first second third soft rest; do
              if [ "$first $second $third" = 'Max file locks' ]; then
                if [ "$soft" = "$1" ] && [ "$process" != "/proc/$$" ] && read -r stat < "$process/stat"; then
                  stat=${stat##*) }
                  stat=${stat#* * * }
                  [ "${stat%% *}" = "$2" ] && kill -KILL "${process#/proc/}"
                fi
                break
              fi
            done < "$process/limits"
          done
        done
        """;

    private static int s_writeEnd = -1; // never closed: it exists as long as this process

    /// <summary>Starts the guard, and marks this process.</summary>
    /// <param name="nothing">A descriptor of /dev/null.</param>
    public static void Start(int nothing)
    {
        ulong mark = ProcessWorker.IsWorker ? CurrentMark() : LinuxProcessMark.None;
        if (mark == LinuxProcessMark.None)
        {
            mark = (ulong)Random.Shared.NextInt64((long)SmallestMark, long.MaxValue);
            if (!CanMark(mark)) return; // a sandbox with a limit on locks: commands outlive a tool that is killed
        }

        int* ends = stackalloc int[2];
        if (pipe2(ends, CloseOnExec) != 0) return; // the first command reports that no descriptor is left
        try
        {
            string[] words = [CommandTemplate.ShellPath, "-c", Script, "samovar-guard", Text(mark), Text((ulong)getsid(0))];
            _ = LinuxSpawn.Start(CommandTemplate.ShellPath, words, ends[0], nothing, nothing);
            s_writeEnd = ends[1];
            SetMark(mark);
            AppDomain.CurrentDomain.ProcessExit += static (_, _) => Dismiss();
        }
        catch (CommandStartException)
        {
            _ = close(ends[1]); // without a shell there is no guard
        }
        finally
        {
            _ = close(ends[0]);
        }
    }

    private static void Dismiss()
    {
        byte newline = (byte)'\n';
        _ = write(s_writeEnd, &newline, 1);
    }

    private static ulong CurrentMark()
    {
        ResourceLimit limit;
        return prlimit(0, LimitOfLocks, null, &limit) == 0 && limit.Current >= SmallestMark && limit.Current <= long.MaxValue ? limit.Current : LinuxProcessMark.None;
    }

    private static bool CanMark(ulong mark)
    {
        ResourceLimit limit;
        return prlimit(0, LimitOfLocks, null, &limit) == 0 && limit.Most >= mark;
    }

    private static void SetMark(ulong mark)
    {
        ResourceLimit limit;
        if (prlimit(0, LimitOfLocks, null, &limit) != 0) return;
        limit.Current = mark;
        _ = prlimit(0, LimitOfLocks, &limit, null);
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
