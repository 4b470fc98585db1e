using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli;

/// <summary>Standard output. A write error, such as a full disk, fails the command with <see cref="OutputLostException"/>; it is not a
/// bug in the tool.</summary>
/// <param name="inner">The writer to standard output.</param>
internal sealed class OutputWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Refused(Exception error) => throw new OutputLostException("The output", error);
}
