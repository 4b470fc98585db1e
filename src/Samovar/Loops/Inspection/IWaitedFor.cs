namespace Samovar.Loops.Inspection;

/// <summary>Something that code of a loop waits for, with a description. It is the state object of the awaited task.</summary>
internal interface IWaitedFor
{
    string Describe();
}
