using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>A minimal .NET program, as a process of its own: <c>length TEXT</c> prints a length; <c>wait</c> prints a line and waits for the end of
/// its input. It loads only the framework.</summary>
internal static class BareProgram
{
    public static int? Run(string[] args)
    {
        if (args is ["length", var text])
        {
            Console.Out.WriteLine(Trivial.Length(text));
            return 0;
        }

        if (args is ["wait"])
        {
            Console.Out.WriteLine("waiting");
            return Console.In.Read() < 0 ? 0 : 1;
        }

        return null;
    }

    /// <summary>Returns the start info of the program, with its streams redirected.</summary>
    public static ProcessStartInfo Start(params string[] arguments) => new(Command[0], [.. Command[1..], .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    };

    /// <summary>Gets the command line of this program.</summary>
    public static string[] Command { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet"
            ? [Environment.ProcessPath!, "exec", typeof(BareProgram).Assembly.Location]
            : [Environment.ProcessPath!];
}
