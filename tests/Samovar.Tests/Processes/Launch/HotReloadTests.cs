using System.Reflection;
using System.Reflection.Metadata;
using Samovar.Processes.Launch;

namespace Samovar.Tests.Processes.Launch;

/// <summary>The warning about worker processes that do not have what hot reload has changed.</summary>
public sealed class HotReloadTests
{
    private readonly List<string> _said = [];
    private readonly HotReload _program;

    public HotReloadTests() => _program = new HotReload(_said.Add);

    [ThreadFact]
    public void Each_update_of_a_program_with_workers_is_reported_once()
    {
        _program.Start();
        _said.ShouldBeEmpty();
        _program.Update();
        _program.Start();
        _said.ShouldHaveSingleItem().ShouldContain("worker processes still run the code as it was built");
        _program.Update();

        _said.Count.ShouldBe(2);
    }

    [ThreadFact]
    public void An_update_before_the_first_worker_is_reported_when_that_starts()
    {
        _program.Update();
        _program.Update();
        _said.ShouldBeEmpty();
        _program.Start();
        _program.Start();

        _said.ShouldHaveSingleItem();
    }

    [ThreadFact]
    public void The_runtime_finds_the_handler() =>
        typeof(ProcessWorker).Assembly.GetCustomAttributes<MetadataUpdateHandlerAttribute>().ShouldHaveSingleItem().HandlerType
            .GetMethod("UpdateApplication", BindingFlags.Public | BindingFlags.Static, [typeof(Type[])]).ShouldNotBeNull();
}
