namespace Samovar.Hosting.Tests;

/// <summary>Signals to a host and to all its worker processes, as systemd, Kubernetes and a terminal send them.</summary>
public sealed class SignalTests
{
    private const int Interrupt = 2; // Ctrl-C
    private const int Termination = 15;
    private const string Generous = "60";

    public static bool IsLinux => OperatingSystem.IsLinux();

    [ProcessTheory(SkipUnless = nameof(IsLinux), Skip = "Signals are sent to the tree that /proc shows.")]
    [InlineData(Termination)]
    [InlineData(Interrupt)]
    public async Task A_signal_to_every_process_of_a_host_lets_the_running_tasks_complete(int signal)
    {
        await using var host = await HostedProgram.StartAsync("20", Generous);
        await host.ReadUntilAsync("running");

        host.SignalAll(signal).ShouldBeGreaterThanOrEqualTo(21);
        await host.ReadUntilAsync("stopping");
        await host.WriteLineAsync("go");

        (await host.ExitAsync()).ShouldBe(0, host.Output);
        host.Output.ShouldContain("20 Succeeded");
        host.Left().ShouldBeEmpty();
    }

    [ProcessFact(SkipUnless = nameof(IsLinux), Skip = "Signals are sent to the tree that /proc shows.")]
    public async Task Tasks_that_exceed_the_shutdown_timeout_are_killed_and_reported_and_leave_nothing()
    {
        await using var host = await HostedProgram.StartAsync("20", "2");
        await host.ReadUntilAsync("running");

        host.SignalAll(Termination);

        (await host.ExitAsync()).ShouldBe(0, host.Output);
        host.Output.ShouldContain("20 Canceled");
        host.Output.ShouldContain("warn: Samovar.Hosting");
        host.Output.ShouldContain("Executor 'work' had 20 running and 0 queued tasks when its time to drain had expired. 20 of them were cancelled or killed");
        host.Left().ShouldBeEmpty();
    }
}
