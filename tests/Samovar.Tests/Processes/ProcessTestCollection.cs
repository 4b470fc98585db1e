namespace Samovar.Tests.Processes;

/// <summary>Tests on real processes run one after the other and concurrently with no others, so that they can count what is left.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessTestCollection
{
    public const string Name = "Processes";
}
