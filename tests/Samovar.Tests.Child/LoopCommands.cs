using System.Runtime.InteropServices;

namespace Samovar.Tests.Child;

/// <summary>Programs on an event loop.</summary>
internal static class LoopCommands
{
    private static readonly EventLoopOptions s_options = new() { Name = "the loop of the child" };

    /// <summary>A callback throws, and there is no handler.</summary>
    public static int Fail()
    {
        EventLoop.Run(
            static async () =>
            {
                EventLoop.Current!.Post(static () => throw new FormatException("posted and thrown"));
                await Task.Yield();
            },
            s_options);
        return 0;
    }

    /// <summary>Sends itself what Ctrl-C sends; twice where it is stubborn.</summary>
    public static int Interrupt(bool isStubborn)
    {
        try
        {
            EventLoop.Run(() => WaitAsync(isStubborn), s_options);
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("cancelled");
            return 0;
        }
    }

    private static async Task WaitAsync(bool isStubborn)
    {
        try
        {
            Console.WriteLine("waiting");
            Raise();
            await EventLoop.SleepAsync(TimeSpan.FromHours(1));
        }
        catch (OperationCanceledException) when (isStubborn)
        {
            Console.WriteLine("still here");
            Raise();
            await CancelScope.ShieldAsync(static async () => await EventLoop.SleepAsync(TimeSpan.FromHours(1)));
        }
        finally
        {
            if (!isStubborn) Console.WriteLine("cleaned up");
        }
    }

    private static void Raise()
    {
        const int sigInt = 2;
        if (kill(Environment.ProcessId, sigInt) != 0) throw new InvalidOperationException("The signal could not be sent.");
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
