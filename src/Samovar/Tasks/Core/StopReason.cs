namespace Samovar.Tasks.Core;

/// <summary>Why running work is asked to give up.</summary>
internal enum StopReason
{
    Cancel,
    Timeout,
}
