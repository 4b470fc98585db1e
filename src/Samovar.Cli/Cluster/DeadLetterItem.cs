namespace Samovar.Cli.Cluster;

/// <summary>A dead letter with what it contains.</summary>
internal sealed record DeadLetterItem(ClusterDeadLetter Letter, ClusterMessageContent Content)
{
    public string Id => Letter.Id;
}
