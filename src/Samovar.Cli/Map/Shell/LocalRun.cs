namespace Samovar.Cli.Map.Shell;

/// <summary>What the commands of a run on this machine share.</summary>
/// <param name="Slots">The numbers of running commands.</param>
/// <param name="Gate">Decides when a command may start.</param>
/// <param name="Lines">Writes complete lines at once; null if the output of an item stays together.</param>
internal sealed record LocalRun(SlotNumbers Slots, StartGate Gate, LiveLines? Lines);
