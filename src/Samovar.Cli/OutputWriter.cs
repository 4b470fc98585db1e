using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli;

/// <summary>Standard output: what it does not take (a disk that is full) ends the command, and is not a fault of the tool.</summary>
/// <param name="inner">Where the output goes.</param>
internal sealed class OutputWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Refused(Exception error) => throw new OutputLostException("The output", error);
}
