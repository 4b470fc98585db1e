namespace Samovar.Tasks.Core;

/// <summary>A task that counts its attempts.</summary>
internal interface INotesRetries
{
    /// <summary>Called when an attempt has failed and the task was moved back to the queue. Must be quick and not throw.</summary>
    /// <param name="began">The timestamp of the attempt's start.</param>
    void NoteRetry(long began);
}
