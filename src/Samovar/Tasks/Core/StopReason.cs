namespace Samovar.Tasks.Core;

/// <summary>Why running work is requested to stop.</summary>
internal enum StopReason
{
    Cancel,
    Timeout,
}
