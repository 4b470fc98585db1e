namespace Samovar.Dashboard.Tests;

/// <summary>The tests that watch this process: they share its recording.</summary>
[CollectionDefinition(nameof(DashboardProgram), DisableParallelization = true)]
public sealed class DashboardCollection;
