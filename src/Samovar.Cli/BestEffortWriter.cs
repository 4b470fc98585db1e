namespace Samovar.Cli;

/// <summary>Standard error, as a writer that drops text it cannot write: a full disk or a closed terminal must not stop a run whose results
/// can still be written.</summary>
/// <param name="inner">The writer to standard error.</param>
internal sealed class BestEffortWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Refused(Exception error)
    {
        // There is no other place to report it; the exit code still states how the run went.
    }
}
