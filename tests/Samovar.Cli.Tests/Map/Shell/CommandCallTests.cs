using System.Text;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Tests.Map.Shell;

/// <summary>A command in a worker process, to which it is serialized as on the nodes of a cluster.</summary>
public sealed class CommandCallTests
{
    [ProcessFact]
    public async Task A_command_runs_in_a_worker_process_and_returns_its_output()
    {
        CommandTemplate template = CommandTemplate.Parse("echo {2}; echo {1} >&2; exit {1}", PlaceholderNames.OfNumbers);
        var call = new CommandCall(template, new ItemShape(ItemFormat.Text, ItemShape.TryParseSeparator(":"))) { Timeout = TimeSpan.FromMinutes(1) };
        await using var executor = new ProcessExecutor(new() { Workers = 1 });
        var items = (InputItem[])[new(1, "0:a"), new(2, "3:$(b)"), new(3, "4")];

        var reports = new List<ItemReport>();
        await foreach (ItemReport report in executor.Map<InputItem, ItemReport>(items, call.Run, cancellationToken: TestContext.Current.CancellationToken)) reports.Add(report);

        reports.Select(r => r.Status).ShouldBe([ItemStatus.Succeeded, ItemStatus.Failed, ItemStatus.Malformed]);
        Text(reports[1].Command!.Output).ShouldBe("$(b)\n");
        Text(reports[1].Command!.Errors).ShouldBe("3\n");
        reports[1].Command!.ExitCode.ShouldBe(3);
    }

    private static string Text(CapturedOutput output)
    {
        var all = new MemoryStream();
        output.CopyTo(all.Write);
        return Encoding.UTF8.GetString(all.ToArray());
    }
}
