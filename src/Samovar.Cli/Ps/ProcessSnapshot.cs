namespace Samovar.Cli.Ps;

/// <summary>A snapshot of the executors of a process.</summary>
internal sealed record ProcessSnapshot(int Pid, string Program, string Samovar, IReadOnlyList<TaskTreeNode> Executors);
