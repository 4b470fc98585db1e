namespace Samovar.Tests.Architecture;

/// <summary>The examples of executors in hosts.</summary>
public sealed class HostingExampleTests
{
    [ProcessFact]
    public async Task A_service_drains_when_SIGTERM_arrives() =>
        (await ExamplePrograms.RunAsync("hosting/drain")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ShouldBe([
            "the first order is ready; SIGTERM arrives", "order 1 is ready", "order 2 is ready", "order 3 is ready", "order 4 is ready", "order 5 is refused", "stopped",
        ]);

    [ProcessFact]
    public async Task Keyed_executors_are_configured_and_mistakes_are_named() =>
        (await ExamplePrograms.RunAsync("hosting/keyed")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ShouldBe([
            "sam…", "tea…", "cup…", "images: 2 workers", "io: 1 workers",
            "There is no executor 'imgaes'. The registered executors are 'images', 'io'. Add it with services.AddSamovar(), or correct the name.",
            "not started: Samovar:Executors:images:Workers is '0': Workers must be from 1 to 4,096.",
        ]);

    [ProcessFact]
    public async Task An_executor_and_a_node_of_a_cluster_run_in_one_host() =>
        (await ExamplePrograms.RunAsync("hosting/cluster-roles")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ShouldBe([
            "order 1: 300 g of tea", "order 2: 600 g of tea", "order 3: 900 g of tea", "health: Healthy", "the node is Connected and runs 0 tasks",
        ]);

    [ProcessFact]
    public async Task A_dashboard_refuses_a_client_without_its_link()
    {
        string[] lines = (await ExamplePrograms.RunAsync("hosting/dashboard")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        lines.ShouldContain(static line => line.StartsWith("403: This browser has no session.", StringComparison.Ordinal));
        lines.ShouldContain(static line => line.Contains("/samovar/?token=", StringComparison.Ordinal));
    }

    [ProcessFact]
    public async Task The_authorization_of_the_program_decides_about_its_dashboard() =>
        (await ExamplePrograms.RunAsync("hosting/dashboard-roles")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => !line.Contains("DataProtection", StringComparison.Ordinal) && !line.StartsWith("No XML encryptor", StringComparison.Ordinal)) // the first use on a machine creates a key
            .ShouldBe(["guest: Forbidden", "operator: OK"]);

    [ProcessFact]
    public async Task An_endpoint_cancels_the_work_of_a_client_that_disconnects() =>
        (await ExamplePrograms.RunAsync("hosting/render")).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ShouldBe([
            "rendered: 4109 bytes", "health: Healthy", "the client left: 1 task cancelled, 0 running",
        ]);
}
