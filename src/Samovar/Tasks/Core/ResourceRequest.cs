namespace Samovar.Tasks.Core;

/// <summary>What a task requires, as its executor's ledger has it. Immutable.</summary>
/// <param name="Amounts">What was requested.</param>
/// <param name="Set">The resources, one bit each for their place in the ledger.</param>
/// <param name="Parts">For each resource its place and the amount in ten-thousandths.</param>
internal sealed record ResourceRequest(ResourceAmounts Amounts, ulong Set, (int Place, long Amount)[] Parts);
