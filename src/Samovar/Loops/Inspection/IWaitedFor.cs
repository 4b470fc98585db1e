namespace Samovar.Loops.Inspection;

/// <summary>Something that code of a loop waits for and that can say what it is. It is the state of the task that is awaited.</summary>
internal interface IWaitedFor
{
    string Describe();
}
