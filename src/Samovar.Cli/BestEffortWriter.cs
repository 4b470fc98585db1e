namespace Samovar.Cli;

/// <summary>Standard error as a place for reports: what it does not take is dropped. A disk that is full, or a terminal that is gone, must
/// not end a run whose results can be written.</summary>
/// <param name="inner">Where reports go.</param>
internal sealed class BestEffortWriter(TextWriter inner) : GuardedWriter(inner)
{
    protected override void Refused(Exception error)
    {
        // There is no other place to report it; the exit code tells how the run ended.
    }
}
