namespace Samovar.Processes.Protocol;

/// <summary>A task that this process runs for another one, under the activity of that one.</summary>
internal interface IForwardedTask
{
    /// <summary>The activity, as <see cref="TaskTrace.Of"/> wrote it; empty for none.</summary>
    string Trace { get; }
}
