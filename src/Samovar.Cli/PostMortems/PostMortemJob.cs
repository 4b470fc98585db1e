using System.Globalization;

namespace Samovar.Cli.PostMortems;

/// <summary>Runs <c>samovar post-mortem</c>.</summary>
internal static class PostMortemJob
{
    public static int Show(string which, int most, bool isJson, bool removes)
    {
        var program = Tried(() => Find(which));
        Console.Out.Write(isJson ? PostMortemJson.Write(program, most) + "\n" : PostMortemText.Report(program, most));
        if (!removes) return ExitCode.Success;
        if (program.IsRunning) throw new UsageException($"process {program.ProcessId} is running, and deletes the records of its workers itself.");
        return Tried(() => Removed(program));
    }

    public static int List(int most, bool isJson, bool removes)
    {
        var programs = Tried(static () => PostMortem.FindAll().Where(static program => !program.IsRunning).ToList());
        if (isJson) Console.Out.WriteLine(PostMortemJson.Write(programs, most));
        else if (programs.Count == 0) Console.Out.WriteLine("No program of yours has crashed or was killed and left records.");
        else Terminal.Write(console => PostMortemText.List(programs, console));
        if (removes)
        {
            foreach (var program in programs) Tried(() => Removed(program));
        }

        return ExitCode.Success;
    }

    private static PostMortem Find(string which)
    {
        if (!int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) return PostMortem.Open(which);
        return PostMortem.Find(pid) ?? throw new UsageException(
            $"there are no records of a process {pid} with worker processes. 'samovar post-mortem' lists the programs that left some; 'samovar ps' shows running ones.");
    }

    private static int Removed(PostMortem program)
    {
        program.Remove();
        return ExitCode.Success;
    }

    private static T Tried<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (FileNotFoundException error)
        {
            throw new UsageException($"there is no file {error.FileName}, and it is no process id either.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new UsageException($"{error.Message}");
        }
    }
}
