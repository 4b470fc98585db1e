namespace Samovar.Cli.Ps;

/// <summary>What a process says of its executors.</summary>
internal sealed record ProcessSnapshot(int Pid, string Program, string Samovar, IReadOnlyList<TaskTreeNode> Executors);
